// SPDX-License-Identifier: Apache-2.0
#include "agent/config/suggest.h"

#include <algorithm>
#include <cctype>

namespace plumbline {
namespace {

// Longer words are no slips of the finger, and the table below is quadratic.
constexpr std::size_t kMaxWordBytes = 64;

std::string folded(std::string_view word) {
  std::string out;
  out.reserve(word.size());
  for (const char c : word) {
    out.push_back(c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  }
  return out;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> two_ago(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> now(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + change});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) now[j] = std::min(now[j], two_ago[j - 2] + 1);
    }
    std::swap(two_ago, last);
    std::swap(last, now);
  }
  return last[b.size()];
}

std::string closest(std::string_view word, std::span<const std::string> candidates) {
  if (word.empty() || word.size() > kMaxWordBytes) return {};
  const auto wanted = folded(word);
  std::string best;
  std::size_t best_distance = wanted.size() / 3 + 1;  // one more than is accepted
  if (wanted.size() < 3) best_distance = 2;
  for (const auto& candidate : candidates) {
    const auto name = folded(candidate);
    const bool begins = wanted.size() >= 3 && name.starts_with(wanted);
    const auto distance = begins ? 1 : edit_distance(wanted, name);
    // A word of two letters is not a misspelling of another one of two letters.
    if (distance >= best_distance || distance >= std::max(wanted.size(), name.size())) continue;
    best_distance = distance;
    best = candidate;
  }
  return best;
}

}  // namespace plumbline
