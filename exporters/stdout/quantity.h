// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace plumbline {

// A number with its UCUM unit as a person reads it: 0.0123 "s" is "12.3 ms", 3221225472 "By" is
// "3 GiB", 0.25 "1" is "25 %", 7 "{packet}" is "7 packet". Whole numbers keep all their digits.
std::string quantity(double value, std::string_view unit);
std::string quantity(std::int64_t value, std::string_view unit);

}  // namespace plumbline
