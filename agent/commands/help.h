// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "agent/commands/command_line.h"

namespace plumbline {

std::string program_help();
// `group`: "journal".
std::string group_help(std::string_view group);
std::string verb_help(const Verb& verb);

// "plumbline check [OPTION]… [FILE]"
std::string usage_line(const Verb& verb);

// `text` in lines of at most `width` columns, each after `indent` blanks.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width = 80);

}  // namespace plumbline
