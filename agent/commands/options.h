// SPDX-License-Identifier: Apache-2.0
//
// Options that several verbs have.
#pragma once

#include <array>

#include "agent/commands/command_line.h"

namespace plumbline {

inline constexpr std::array<std::string_view, 2> kTableOrJson{"table", "json"};

inline constexpr Option kOutput{.letter = 'o',
                                .name = "output",
                                .value = "FORM",
                                .kind = ValueKind::kChoice,
                                .choices = kTableOrJson,
                                .help = "How the answer is written."};
inline constexpr Option kConfig{
    .letter = 'c',
    .name = "config",
    .value = "FILE",
    .kind = ValueKind::kFile,
    .help = "The configuration file, instead of /etc/plumbline/plumbline.yaml."};
inline constexpr Option kStateDir{.name = "state-dir",
                                  .value = "DIR",
                                  .kind = ValueKind::kDirectory,
                                  .help = "Where to keep what must survive a restart."};

}  // namespace plumbline
