// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/status_report.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

#include "agent/commands/table.h"
#include "agent/config/quantity.h"
#include "agent/core/log.h"

#include <nlohmann/json.hpp>

namespace plumbline {
namespace {

using Json = nlohmann::json;

// What is not there is empty, or 0; what is of another type throws, and is no status of an agent.
std::string text(const Json& json, const char* key) {
  return escape_line(json.value(key, std::string()));
}
std::uint64_t count(const Json& json, const char* key) {
  return json.value(key, std::uint64_t{0});
}
std::string number(const Json& json, const char* key) {
  return fmt::to_string(count(json, key));
}
Json list(const Json& json, const char* key) {
  return json.value(key, Json::array());
}

// "3d4h", "2h5m", "7m30s", "12s".
std::string age(double seconds) {
  if (!(seconds >= 0) || seconds > 1e12) return "?";
  const auto whole = static_cast<std::uint64_t>(seconds);
  const auto two = [](std::uint64_t value, char big, std::uint64_t rest, char small) {
    return rest == 0 ? fmt::format("{}{}", value, big)
                     : fmt::format("{}{}{}{}", value, big, rest, small);
  };
  if (whole >= 86'400) return two(whole / 86'400, 'd', whole % 86'400 / 3'600, 'h');
  if (whole >= 3'600) return two(whole / 3'600, 'h', whole % 3'600 / 60, 'm');
  if (whole >= 60) return two(whole / 60, 'm', whole % 60, 's');
  return fmt::format("{}s", whole);
}

std::string milliseconds(const Json& json, const char* key) {
  if (!json.contains(key)) return "";
  return fmt::format("{:.1f}ms", json.at(key).get<double>() * 1e3);
}

class Report {
 public:
  explicit Report(Colour colour) : colour_(colour) {}

  void destinations(const Json& status) {
    std::vector<Row> rows{{"DESTINATION",
                           "STATE",
                           "SIGNAL",
                           "COLLECTED",
                           "DELIVERED",
                           "QUEUED",
                           "REJECTED",
                           "DROPPED",
                           "FILTERED",
                           "OLDEST"}};
    for (const auto& one : list(status, "destinations")) {
      const auto name = text(one, "name");
      const auto state = text(one, "state");
      const auto oldest =
          one.contains("oldest_queued_seconds") ? age(one["oldest_queued_seconds"]) : "";
      if (state == "down") {
        find(fmt::format("{} is down: {}", name, text(one, "last_error")));
      }
      const auto ledger = one.value("ledger", Json::object());
      if (ledger.empty()) rows.push_back({name, state, "", "", "", "", "", "", "", oldest});
      for (const auto& [signal, items] : ledger.items()) {
        tell_losses(name, signal, items);
        rows.push_back({name,
                        state,
                        escape_line(signal),
                        number(items, "collected"),
                        number(items, "delivered"),
                        number(items, "queued"),
                        number(items, "rejected"),
                        number(items, "dropped"),
                        number(items, "filtered"),
                        oldest});
      }
    }
    add(rows);
  }

  void collectors(const Json& status) {
    std::vector<Row> rows{{"COLLECTOR", "PERIOD", "RUNS", "FAILED", "MISSED", "P50", "P99"}};
    for (const auto& one : list(status, "collectors")) {
      const auto name = text(one, "name");
      if (const auto error = text(one, "last_error"); !error.empty()) {
        find(fmt::format("collector {} fails: {}", name, error));
      }
      rows.push_back({name,
                      format_duration(count(one, "period_ms")),
                      number(one, "succeeded"),
                      number(one, "failed"),
                      number(one, "overruns"),
                      milliseconds(one, "seconds_p50"),
                      milliseconds(one, "seconds_p99")});
    }
    add(rows);
  }

  void signals(const Json& status) {
    if (!status.contains("signals")) return;
    const auto& signals = status["signals"];
    out_ += fmt::format("signals: {} available, {} degraded, {} unavailable\n",
                        count(signals, "available"),
                        count(signals, "degraded"),
                        count(signals, "unavailable"));
    for (const auto& one : list(signals, "lacking")) {
      out_ += fmt::format(
          "  {} is {}: {}\n", text(one, "signal"), text(one, "state"), text(one, "reason"));
    }
    out_ += '\n';
  }

  void journal(const Json& status) {
    if (!status.contains("journal")) {
      out_ += "journal: none\n";
      return;
    }
    const auto& journal = status["journal"];
    if (const auto trouble = text(journal, "trouble"); !trouble.empty()) {
      find("the journal takes nothing: " + trouble);
    }
    const auto lost = count(journal, "evicted_items") + count(journal, "damaged_items");
    if (lost > 0) find(fmt::format("the journal lost {} items before they were delivered", lost));
    const auto size = journal.contains("bytes") ? format_size(count(journal, "bytes")) : "?";
    out_ += fmt::format("journal: {}, {} on disk, {} waiting for it, {} commits failed\n",
                        text(journal, "path"),
                        size,
                        format_size(count(journal, "waiting_bytes")),
                        count(journal, "failed_commits"));
  }

  void identity(const Json& status) {
    if (!status.contains("identity")) return;
    const auto& identity = status["identity"];
    const auto source = text(identity, "source");
    out_ += fmt::format(
        "identity: {}; {} pods, {} containers, {} without name\n",
        source.empty() ? "nobody names pods: " + text(identity, "reason") : "from " + source,
        count(identity, "pods"),
        count(identity, "containers"),
        count(identity, "nameless"));
    if (const auto reason = text(identity, "reason"); !source.empty() && !reason.empty()) {
      find("the names of pods are getting old: " + reason);
    }
  }

  void loudest(const Json& status) {
    std::vector<Row> rows{{"METRIC", "SERIES", "BUDGET", "FOLDED", "LABELS WITH MOST VALUES"}};
    for (const auto& one : list(status, "loudest")) {
      const auto name = text(one, "metric");
      if (count(one, "folded_series") > 0) {
        find(fmt::format("{} has {} series, {} beyond its budget of {}",
                         name,
                         count(one, "series"),
                         count(one, "folded_series"),
                         count(one, "budget")));
      }
      std::string labels;
      for (const auto& label : list(one, "labels")) {
        labels += fmt::format("{}{} {} ({})",
                              labels.empty() ? "" : ", ",
                              text(label, "key"),
                              count(label, "values"),
                              shortened(text(label, "example")));
      }
      rows.push_back({name,
                      number(one, "series"),
                      number(one, "budget"),
                      number(one, "folded_series"),
                      labels});
    }
    out_ += '\n';
    add(rows);
  }

  StatusReport finish(const std::string& head) && {
    std::string all = head;
    for (const auto& finding : findings_) all += painted("33", "! " + finding) + "\n";
    if (findings_.empty()) all += painted("32", "all is well") + "\n";
    return {.findings = std::move(findings_), .text = all + "\n" + out_};
  }

 private:
  // Enough to know it by.
  static std::string shortened(std::string value) {
    constexpr std::size_t kMost = 40;
    if (value.size() <= kMost) return value;
    auto end = kMost;
    while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xc0U) == 0x80) --end;
    return value.substr(0, end) + "…";
  }

  std::string painted(std::string_view code, const std::string& line) const {
    return colour_ == Colour::kOn ? fmt::format("\x1b[{}m{}\x1b[0m", code, line) : line;
  }
  void find(std::string what) { findings_.push_back(std::move(what)); }

  void tell_losses(const std::string& name, const std::string& signal, const Json& items) {
    for (const auto* key : {"rejected", "dropped"}) {
      if (count(items, key) == 0) continue;
      find(fmt::format("{}: {} {} {}", name, count(items, key), escape_line(signal), key));
    }
  }

  void add(const std::vector<Row>& rows) {
    if (rows.size() == 1) return;
    const auto table = text_table(rows);
    const auto end = table.find('\n');
    out_ += painted("1", table.substr(0, end)) + table.substr(end) + "\n";
  }

  Colour colour_;
  std::string out_;
  std::vector<std::string> findings_;
};

StatusReport report(const Json& status, Colour colour) {
  const auto& agent = status.at("agent");
  const auto head = fmt::format("{} {}, up {}, {} series, {}\n",
                                text(agent, "name"),
                                text(agent, "version"),
                                age(status.value("uptime_seconds", -1.0)),
                                count(status, "series"),
                                text(status, "time"));
  Report report(colour);
  report.destinations(status);
  report.collectors(status);
  report.signals(status);
  report.journal(status);
  report.identity(status);
  report.loudest(status);
  return std::move(report).finish(head);
}

}  // namespace

Result<StatusReport> status_report(std::string_view body, Colour colour) {
  try {
    return report(Json::parse(body), colour);
  } catch (const Json::exception&) {
    return Error{.code = Errc::kMalformed, .what = "the answer is not the status of an agent"};
  }
}

}  // namespace plumbline
