// SPDX-License-Identifier: Apache-2.0
#include "collectors/irq/irq.h"

#include <array>
#include <charconv>
#include <fstream>
#include <optional>

namespace plumbline::irq {
namespace {

// enum of include/linux/interrupt.h.
constexpr std::array<std::string_view, 10> kSoftirqs{
    "hi", "timer", "net_tx", "net_rx", "block", "irq_poll", "tasklet", "sched", "hrtimer", "rcu"};

constexpr std::string_view kOther = "_other";

std::string_view skip_blanks(std::string_view text) {
  const auto at = text.find_first_not_of(' ');
  return at == text.npos ? std::string_view{} : text.substr(at);
}

std::optional<std::uint64_t> take_number(std::string_view& text) {
  const auto rest = skip_blanks(text);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (error != std::errc{}) return {};
  const auto length = static_cast<std::size_t>(end - rest.data());
  if (length < rest.size() && rest[length] != ' ') return {};  // "0-edge" is no count
  text = rest.substr(length);
  return value;
}

std::size_t count_words(std::string_view text) {
  std::size_t words = 0;
  for (text = skip_blanks(text); !text.empty(); ++words) {
    const auto end = text.find(' ');
    text = end == text.npos ? std::string_view{} : skip_blanks(text.substr(end));
  }
  return words;
}

}  // namespace

std::string_view softirq_name(std::uint32_t number) {
  return number < kSoftirqs.size() ? kSoftirqs[number] : std::string_view{};
}

void parse_interrupts(std::string_view text,
                      const std::function<void(std::string_view, std::uint64_t)>& visit) {
  std::size_t cpus = 0;
  for (bool header = true; !text.empty(); header = false) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text = end == text.npos ? std::string_view{} : text.substr(end + 1);
    if (header) {
      cpus = count_words(line);
      continue;
    }
    const auto colon = line.find(':');
    if (colon == line.npos) continue;
    const auto label = skip_blanks(line.substr(0, colon));
    line.remove_prefix(colon + 1);
    std::uint64_t total = 0;
    std::size_t numbers = 0;
    while (numbers < cpus) {
      const auto number = take_number(line);
      if (!number) break;
      total += *number;
      ++numbers;
    }
    if (!label.empty() && numbers > 0) visit(label, total);
  }
}

const std::string& HandlerNames::of(std::uint32_t number) {
  auto& name = names_[number];
  if (!name.empty()) return name;
  std::ifstream file(sys_ / "kernel/irq" / std::to_string(number) / "actions");
  std::getline(file, name);
  if (name.empty()) name = std::to_string(number);
  return name;
}

void Counts::add(ByName& to, std::string_view name, std::uint64_t count) {
  auto found = to.find(name);
  if (found == to.end()) {
    if (to.size() >= kMost && name != kOther) return add(to, kOther, count);
    found = to.emplace(std::string(name), Count{}).first;
  }
  found->second.sum += count;
  found->second.present = true;
}

void Counts::read(std::string_view text, HandlerNames& names) {
  for (auto* all : {&devices_, &cpu_}) {
    for (auto& [name, count] : *all) count = {};
  }
  parse_interrupts(text, [&](std::string_view label, std::uint64_t total) {
    std::uint32_t number = 0;
    const auto parsed = std::from_chars(label.data(), label.data() + label.size(), number);
    if (parsed.ec == std::errc{} && parsed.ptr == label.data() + label.size()) {
      add(devices_, names.of(number), total);
    } else {
      add(cpu_, label, total);
    }
  });
  for (auto* all : {&devices_, &cpu_}) {
    std::erase_if(*all, [](const auto& pair) { return !pair.second.present; });
  }
}

}  // namespace plumbline::irq
