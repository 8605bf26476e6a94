// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "collectors/kafka/wire/sasl.h"

namespace plumbline::kafka {

enum class ScramHash : std::uint8_t { kSha256, kSha512 };

// RFC 5802 without channel binding, as Kafka has it. The password never crosses the network, and
// the broker must show that it has the key made from it.
std::unique_ptr<SaslExchange> make_scram(ScramHash hash,
                                         const Credentials& credentials,
                                         std::string nonce);

}  // namespace plumbline::kafka
