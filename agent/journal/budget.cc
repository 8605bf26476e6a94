// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/budget.h"

#include <array>

#include <fmt/format.h>

namespace plumbline {
namespace {

// The keys in `meta`. Times in seconds, sizes in bytes.
constexpr std::array kBudgetKeys{
    "budget.max_bytes", "budget.second", "budget.tenth", "budget.undelivered", "budget.delivered"};

}  // namespace

Result<std::optional<JournalBudget>> budget_of(sqlite::Database& database) {
  std::array<std::uint64_t, kBudgetKeys.size()> values{};
  for (std::size_t i = 0; i < kBudgetKeys.size(); ++i) {
    const auto value = database.number(fmt::format(
        "SELECT coalesce((SELECT value FROM meta WHERE key = '{}'), -1)", kBudgetKeys.at(i)));
    if (!value) return value.error();
    if (*value < 0) return std::optional<JournalBudget>{};
    values.at(i) = static_cast<std::uint64_t>(*value);
  }
  return std::optional<JournalBudget>{{.max_bytes = values[0],
                                       .second = std::chrono::seconds(values[1]),
                                       .tenth = std::chrono::seconds(values[2]),
                                       .undelivered = std::chrono::seconds(values[3]),
                                       .delivered = std::chrono::seconds(values[4])}};
}

Result<> save_budget(sqlite::Database& database, const JournalBudget& budget) {
  const std::array<std::uint64_t, kBudgetKeys.size()> values{
      budget.max_bytes,
      static_cast<std::uint64_t>(budget.second.count()),
      static_cast<std::uint64_t>(budget.tenth.count()),
      static_cast<std::uint64_t>(budget.undelivered.count()),
      static_cast<std::uint64_t>(budget.delivered.count())};
  auto save = database.prepare("REPLACE INTO meta VALUES(?1, ?2)");
  if (!save) return std::move(save).error();
  for (std::size_t i = 0; i < kBudgetKeys.size(); ++i) {
    save->bind_text(1, kBudgetKeys.at(i));
    save->bind(2, values.at(i));
    TRY(save->run());
  }
  return {};
}

}  // namespace plumbline
