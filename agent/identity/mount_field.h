// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace plumbline {

// A path as it is, from a field of /proc/PID/mounts or mountinfo, where space, tab, newline and
// backslash stand as \040 and so on (proc(5)).
std::string unescape_mount_field(std::string_view text);

}  // namespace plumbline
