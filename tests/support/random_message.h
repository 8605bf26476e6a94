// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/message.h>

#include <random>

namespace plumbline {

// Sets fields of `message` and of what is in it at random, so that over many seeds every field of
// OTLP occurs with extreme values: unicode, largest and smallest numbers, -0, NaN, infinities. Ids
// have their right length. Left out are the indices into a profile's string table.
void fill_at_random(std::mt19937_64& random, google::protobuf::Message& message);

}  // namespace plumbline
