// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>

namespace plumbline {

// Debian's prometheus-node-exporter on a free port of 127.0.0.1, as a second source. Ended with
// the object.
class NodeExporter {
 public:
  NodeExporter();
  ~NodeExporter();
  NodeExporter(const NodeExporter&) = delete;
  NodeExporter& operator=(const NodeExporter&) = delete;
  NodeExporter(NodeExporter&&) = delete;
  NodeExporter& operator=(NodeExporter&&) = delete;

  // Whether it is installed and answers.
  bool runs() const { return runs_; }

  // One scrape: 'node_cpu_seconds_total{cpu="0",mode="idle"}' → value. Empty when it fails.
  std::map<std::string, double> scrape() const;

 private:
  std::string get_metrics() const;

  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
  bool runs_ = false;
};

}  // namespace plumbline
