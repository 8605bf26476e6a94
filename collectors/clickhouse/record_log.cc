// SPDX-License-Identifier: Apache-2.0
#include "collectors/clickhouse/record_log.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "collectors/clickhouse/client.h"

namespace plumbline::clickhouse {
namespace {

using std::chrono::microseconds;

constexpr std::int64_t kMicros = 1'000'000;

// Up to the next blank, which is taken off `text` too.
std::string_view take_word(std::string_view& text) {
  const auto end = std::min(text.find(' '), text.size());
  const auto word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

}  // namespace

std::string_view Record::cell(std::size_t i) const {
  return row_[i] ? std::string_view(*row_[i]) : std::string_view();
}

std::string_view Record::text(std::string_view name) const {
  const auto found = std::find_if(plan_.columns.begin(),
                                  plan_.columns.end(),
                                  [&](const Column* column) { return column->name == name; });
  if (found == plan_.columns.end()) return {};
  return cell(1 + static_cast<std::size_t>(found - plan_.columns.begin()));
}

std::optional<std::int64_t> Record::integer(std::string_view name) const {
  return read_integer(text(name));
}

std::string RecordLog::query(std::int64_t now) {
  now_ = now * kMicros;
  // A clock that was set back would let us wait for hours.
  if (after_ == 0 || after_ > now_) {
    after_ = now_;
    after_id_.clear();
    seen_.clear();
  }
  const auto oldest = now_ - microseconds(kMaxBehind).count();
  if (after_ < oldest) {
    skipped_ += (oldest - after_) / kMicros;
    after_ = oldest;
    after_id_.clear();
  }
  auto sql = replaced(plan_.sql, "{after}", fmt::to_string(after_));
  sql = replaced(sql, "{after_id}", sql_text(after_id_));
  return replaced(sql, "{since}", fmt::to_string(after_ / kMicros));
}

Result<std::vector<Record>> RecordLog::take(const Table& answer) {
  if (answer.names.size() != 1 + plan_.columns.size()) {
    return Error{.code = Errc::kMalformed, .what = "the answer has not the columns asked for"};
  }
  std::vector<Record> out;
  std::vector<std::pair<std::string, std::int64_t>> identities;
  for (const auto& row : answer.rows) {
    const Record record(plan_, row);
    const auto time = record.integer("time");
    const auto id = record.text("id");
    if (!time || id.empty() || id.find_first_of(" \n") != std::string_view::npos) {
      return Error{.code = Errc::kMalformed, .what = "a record has no time or no identity"};
    }
    identities.emplace_back(id, *time);
  }
  for (std::size_t i = 0; i < answer.rows.size(); ++i) {
    if (seen_.insert(identities[i]).second) out.emplace_back(plan_, answer.rows[i]);
  }
  if (answer.rows.size() >= kMaxRecordRows) {
    after_ = identities.back().second;
    after_id_ = identities.back().first;
  } else if (const auto settled = now_ - microseconds(kLateness).count(); settled > after_) {
    after_ = settled;
    after_id_.clear();
  }
  std::erase_if(seen_, [&](const auto& pair) {
    return std::pair(pair.second, std::string_view(pair.first)) <=
           std::pair(after_, std::string_view(after_id_));
  });
  return out;
}

std::string RecordLog::state() const {
  auto out = fmt::format("{} {}", after_, after_id_.empty() ? "-" : after_id_);
  for (const auto& [id, time] : seen_) out += fmt::format(" {} {}", id, time);
  return out;
}

void RecordLog::restore(std::string_view state) {
  const auto after = read_integer(take_word(state));
  const auto id = take_word(state);
  if (!after || *after <= 0 || id.empty()) return;
  std::map<std::string, std::int64_t, std::less<>> seen;
  while (!state.empty()) {
    const auto name = take_word(state);
    const auto time = read_integer(take_word(state));
    if (name.empty() || !time) return;
    seen.emplace(name, *time);
  }
  after_ = *after;
  after_id_ = id == "-" ? "" : id;
  seen_ = std::move(seen);
}

}  // namespace plumbline::clickhouse
