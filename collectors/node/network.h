// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include "collectors/node/text.h"
#include "collectors/node/topic.h"

namespace plumbline::node {

// One line of /proc/net/dev.
struct InterfaceStats {
  enum Field : std::size_t {
    kBytesIn,
    kPacketsIn,
    kErrorsIn,
    kDroppedIn,
    kFifoIn,
    kFrame,
    kCompressedIn,
    kMulticast,
    kBytesOut,
    kPacketsOut,
    kErrorsOut,
    kDroppedOut,
    kFifoOut,
    kCollisions,
    kCarrier,
    kCompressedOut,
    kFields
  };
  std::string_view name;
  std::array<double, kFields> fields{};
};

// The next interface; the two lines of headings are passed over.
std::optional<InterfaceStats> take_interface(std::string_view& text);

// Bytes, packets and errors per interface of the network namespace the agent runs in.
std::unique_ptr<Topic> make_network(const std::filesystem::path& proc);

}  // namespace plumbline::node
