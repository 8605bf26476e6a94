// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/terminal.h"

#include <unistd.h>

namespace plumbline {

Colour colour_of_terminal(int fd, const Environment& environment) {
  const auto no_color = environment("NO_COLOR");
  const auto term = environment("TERM");
  if ((no_color && !no_color->empty()) || term == "dumb" || ::isatty(fd) == 0) return Colour::kOff;
  return Colour::kOn;
}

}  // namespace plumbline
