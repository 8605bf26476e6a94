// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/identity/sources/pod_source.h"

namespace plumbline {

// Pods as somebody wrote them down, for machines without a kubelet:
//   pods:
//     - {uid: …, namespace: data, name: loader, labels: {team: data},
//        containers: [{name: main, id: <64 digits>, image: "loader:3"}]}
// Unknown keys are errors. `name` is of the file, for messages.
Result<PodList> parse_pods_file(const std::string& text,
                                const std::string& name,
                                const LabelChoice& choice);

// Reads the file each time: it is small, and may change.
class PodsFileSource final : public PodSource {
 public:
  PodsFileSource(std::string path, LabelChoice choice)
      : path_(std::move(path)), choice_(std::move(choice)) {}

  std::string_view name() const override { return "file"; }
  boost::asio::awaitable<Result<PodList>> list(Deadline deadline) override;

 private:
  std::string path_;
  LabelChoice choice_;
};

}  // namespace plumbline
