// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>

#include "collectors/node/fields.h"
#include "collectors/node/topic.h"

namespace plumbline::node {

// The fields of /proc/net/snmp and netstat, and of snmp6, that become points.
FieldValues make_netstat_values();
FieldValues make_snmp6_values();

// IP, ICMP, UDP and TCP counters of the network namespace the agent runs in.
std::unique_ptr<Topic> make_netstat(const std::filesystem::path& proc);

}  // namespace plumbline::node
