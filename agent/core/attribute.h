// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace plumbline {

// Attributes of a span or of an event: keys of the semantic conventions, unique; any text, it is
// made valid UTF-8 where it is encoded. Series have encoded attributes of their own.
using RecordValue = std::variant<std::string, std::int64_t, double, bool>;
using Fields = std::vector<std::pair<std::string, RecordValue>>;

// Who a record is of when that is neither the agent nor a group on its node: a server that is asked
// over the network. Resource attributes, service.name among them; shared by its records.
using EntityRef = std::shared_ptr<const std::vector<std::pair<std::string, std::string>>>;

// Whose a record is; both empty: the agent's own.
struct Subject {
  EntityRef entity;
  std::string group;  // the path of a cgroup, which has an owner
};

}  // namespace plumbline
