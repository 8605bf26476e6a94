// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

#include "agent/core/result.h"

namespace plumbline {

// The value of an environment variable; nullopt when it is not set.
using EnvironmentLookup = std::function<std::optional<std::string>(const std::string& name)>;

// Where what must survive a restart is kept, when the configuration names no directory:
// /var/lib/plumbline for user 0, else $XDG_STATE_HOME/plumbline or $HOME/.local/state/plumbline.
// Makes nothing. kUnavailable: another user, and the environment names neither. `user`: geteuid().
Result<std::string> default_state_dir(uid_t user, const EnvironmentLookup& environment);

// The journal of an agent with this state directory. Its lock and its log stand beside it.
std::string journal_path_in(const std::string& state_dir);

}  // namespace plumbline
