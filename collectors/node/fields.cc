// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/fields.h"

#include <array>
#include <cmath>

namespace plumbline::node {
namespace {

// "Tcp" and "InSegs" as "Tcp:InSegs", without allocating.
class JoinedKey {
 public:
  std::string_view operator()(std::string_view group, std::string_view name) {
    if (group.size() + name.size() + 1 > text_.size()) return {};
    auto end = std::ranges::copy(group, text_.begin()).out;
    *end++ = ':';
    end = std::ranges::copy(name, end).out;
    return {text_.begin(), end};
  }

 private:
  std::array<char, 64> text_{};
};

std::string_view without_colon(std::string_view word) {
  if (word.ends_with(':')) word.remove_suffix(1);
  return word;
}

}  // namespace

void FieldValues::set(std::string_view key, double value) {
  const auto found = std::ranges::lower_bound(table_, key, {}, &Field::key);
  if (found == table_.end() || found->key != key) return;
  values_[static_cast<std::size_t>(found - table_.begin())] = value;
}

double FieldValues::get(std::string_view key) const {
  const auto found = std::ranges::lower_bound(table_, key, {}, &Field::key);
  if (found == table_.end() || found->key != key) return kAbsent;
  return values_[static_cast<std::size_t>(found - table_.begin())];
}

void FieldValues::report(Tick& tick) const {
  const auto attribute = [](std::string_view text) {
    return text.empty() ? AttributeValue{} : AttributeValue{text};
  };
  for (std::size_t i = 0; i < table_.size(); ++i) {
    const auto& field = table_[i];
    if (field.metric == nullptr || std::isnan(values_[i])) continue;
    const auto& series =
        tick.series.get(*field.metric, {attribute(field.first), attribute(field.second)});
    tick.out.add(series, values_[i] * field.factor);
  }
}

void parse_list(std::string_view text, FieldValues& out) {
  while (!text.empty()) {
    auto line = take_line(text);
    const auto key = without_colon(take_word(line));
    if (!key.empty()) out.set(key, take_number(line));
  }
}

void parse_two_lines(std::string_view text, FieldValues& out) {
  JoinedKey join;
  while (!text.empty()) {
    auto names = take_line(text);
    auto values = take_line(text);
    const auto group = take_word(names);
    if (group != take_word(values)) return;  // no longer what it was: take nothing more
    while (!names.empty()) {
      const auto name = take_word(names);
      const auto value = take_number(values);
      if (!name.empty()) out.set(join(without_colon(group), name), value);
    }
  }
}

void parse_pairs(std::string_view text, FieldValues& out) {
  JoinedKey join;
  while (!text.empty()) {
    auto line = take_line(text);
    const auto group = without_colon(take_word(line));
    while (!line.empty()) {
      const auto name = take_word(line);
      const auto value = take_number(line);
      if (!name.empty()) out.set(join(group, name), value);
    }
  }
}

}  // namespace plumbline::node
