// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "agent/config/config.h"
#include "exporters/exporter.h"
#include "exporters/stdout/readable.h"

namespace plumbline {

// Writes each request to standard output, as OTLP JSON on one line or as a table a person reads,
// which fits the terminal and has colour there unless NO_COLOR is set (no-color.org). A reader that
// is gone (a closed pipe) makes the destination unreachable; a slow one slows the agent, which is
// why this is for a terminal and for tests. `format` is not kOff.
std::unique_ptr<Exporter> make_stdout_exporter(StdoutFormat format);

// The same to anywhere; `write` returns false when nothing could be written.
std::unique_ptr<Exporter> make_text_exporter(StdoutFormat format,
                                             const TableStyle& style,
                                             std::function<bool(std::string_view)> write);

}  // namespace plumbline
