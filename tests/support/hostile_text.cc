// SPDX-License-Identifier: Apache-2.0
#include "tests/support/hostile_text.h"

#include <algorithm>
#include <random>
#include <string>

namespace plumbline {
namespace {

constexpr int kMutations = 500;
// Long captured texts are cut off at this many places.
constexpr std::size_t kCuts = 3000;

std::string mutate(std::string_view text, std::mt19937& random) {
  static constexpr std::string_view kBytes = "0123456789:/=- \n\t\0\xff%x";
  std::string out(text);
  for (int i = 0; i < 8 && !out.empty(); ++i) {
    const auto at = random() % out.size();
    switch (random() % 4) {
      case 0:
        out[at] = kBytes[random() % kBytes.size()];
        break;
      case 1:
        out.erase(at, random() % 20);
        break;
      case 2:
        out.insert(at, "99999999999999999999999999");
        break;
      default:
        out.insert(at, out.substr(random() % out.size(), 40));
    }
  }
  return out;
}

}  // namespace

void with_hostile_texts(std::string_view text, const std::function<void(std::string_view)>& parse) {
  const auto step = std::max<std::size_t>(1, text.size() / kCuts);
  for (std::size_t length = 0; length <= text.size(); length += step) {
    // A copy of its own, so that reading beyond the end is found by the address sanitizer.
    const std::string cut(text.substr(0, length));
    parse(cut);
  }
  std::mt19937 random(1);  // NOLINT: the same texts in every run
  for (int i = 0; i < kMutations; ++i) parse(mutate(text, random));
  parse(std::string(1 << 16U, '\n'));
  parse(std::string(1 << 16U, '9'));
  parse(std::string(1 << 16U, ' '));
}

}  // namespace plumbline
