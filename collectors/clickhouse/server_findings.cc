// SPDX-License-Identifier: Apache-2.0
//
// What the looks at a server came to: what each check gives, what is missing of it, what it cost.
#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "collectors/clickhouse/server.h"
#include "collectors/clickhouse/signals.h"

namespace plumbline::clickhouse {

using std::chrono::duration;

// Null: it is not looked at here.
const Server::Scheduled* Server::scheduled(const Check& check) const {
  const auto item = std::find_if(
      items_.begin(), items_.end(), [&](const Scheduled& known) { return known.check == &check; });
  return item == items_.end() ? nullptr : &*item;
}

std::vector<Server::Finding> Server::findings() const {
  std::vector<Finding> out;
  for (const auto* check : all_checks()) {
    const auto* item = scheduled(*check);
    if (item == nullptr) {
      out.push_back({.reason = std::string(off(*check))});
    } else if (!error_.empty()) {
      out.push_back({.reason = error_});
    } else {
      out.push_back(finding(*item));
    }
  }
  return out;
}

// What a check gives, and what is missing of it.
Server::Finding Server::finding(const Scheduled& item) {
  if (!item.error.empty()) return {.reason = item.error};
  Finding out{.state = item.plan.state, .reason = item.plan.reason};
  const auto degrade = [&out](std::string reason) {
    out.state = SignalState::kDegraded;
    out.reason += fmt::format("{}{}", out.reason.empty() ? "" : "; ", reason);
  };
  if (item.is_cut) {
    degrade(item.records ? fmt::format("more than {} rows come between two looks", kMaxRecordRows)
                         : fmt::format("only the first {} rows are shown", kMaxCheckRows));
  }
  const auto skipped = item.log ? item.log->skipped() : item.records ? item.records->skipped() : 0;
  if (skipped > 0) degrade(fmt::format("{} s of the log were not read in time", skipped));
  if (item.unreadable > 0) degrade(fmt::format("{} rows could not be read", item.unreadable));
  if (item.log && item.log->refused() > 0 && item.check->budget == Budget::kRows) {
    degrade(fmt::format("{} rows of groups beyond the first {} are not counted",
                        item.log->refused(),
                        kMaxCheckRows));
  }
  return out;
}

void Server::add_all(Batch& out) {
  for (const auto& item : items_) {
    if (item.error.empty()) append(item.points, out);
  }
  add_own(out);
}

void Server::add_own(Batch& out) {
  const Attributes server(speaker_.address, speaker_.port);
  out.add(server.series(series_, 0, kUp), error_.empty() ? 1.0 : 0.0);
  if (facts_) {
    out.add(server.series(series_, 0, kUptime),
            duration<double>(facts_->uptime + (clock_.steady() - learned_)).count());
  }
  const auto all = findings();
  std::size_t i = 0;
  for (const auto* check : all_checks()) {
    auto attributes = server;
    const auto name = check->signal.substr(check->signal.find('.') + 1);
    attributes.add(name);
    out.add(attributes.series(series_, 0, kCheckCoverage), coverage_share(all[i++].state));
    const auto* item = scheduled(*check);
    if (item == nullptr || item->plan.sql.empty()) continue;
    out.add(attributes.series(series_, started_, kCheckTime), item->seconds);
    if (item->tells_rows) out.add(attributes.series(series_, started_, kCheckRows), item->rows);
    out.add(attributes.series(series_, started_, kCheckFailures), item->failed);
    out.add(attributes.series(series_, started_, kFailures), item->failure_texts);
  }
}

}  // namespace plumbline::clickhouse
