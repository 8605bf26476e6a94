// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/place.h"

namespace plumbline {

Result<std::string> default_state_dir(uid_t user, const EnvironmentLookup& environment) {
  if (user == 0) return std::string("/var/lib/plumbline");
  // The XDG base directory specification: a path that is not absolute is as none.
  const auto state = environment("XDG_STATE_HOME");
  if (state && state->starts_with('/')) return *state + "/plumbline";
  const auto home = environment("HOME");
  if (home && home->starts_with('/')) return *home + "/.local/state/plumbline";
  return Error{.code = Errc::kUnavailable,
               .what =
                   "there is no place for the state: neither XDG_STATE_HOME nor HOME is set; "
                   "name a directory with state_dir"};
}

std::string journal_path_in(const std::string& state_dir) {
  return state_dir + (state_dir.ends_with('/') ? "journal.db" : "/journal.db");
}

}  // namespace plumbline
