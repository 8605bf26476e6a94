// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/schedstat.h"

#include "collectors/node/cpu_signals.h"

namespace plumbline::node {
namespace {

class Schedstat final : public Topic {
 public:
  explicit Schedstat(const std::filesystem::path& proc)
      : Topic("node.schedstat", "needs a kernel with CONFIG_SCHEDSTATS"),
        schedstat_(file(proc / "schedstat")) {}

  void collect(Tick& tick) override {
    auto text = schedstat_.read(tick.buffer);
    if (!text) return;
    while (const auto cpu = take_cpu_schedule(*text)) {
      const std::int64_t number = cpu->number;
      tick.out.add(tick.series.get(kTaskRunTime, {number}), cpu->run_time);
      tick.out.add(tick.series.get(kTaskWaitTime, {number}), cpu->wait_time);
      tick.out.add(tick.series.get(kTaskRuns, {number}), cpu->runs);
    }
  }

 private:
  TextFile& schedstat_;
};

}  // namespace

std::optional<CpuSchedule> take_cpu_schedule(std::string_view& text) {
  constexpr double kNano = 1e-9;
  constexpr int kFieldsBefore = 6;
  while (!text.empty()) {
    auto line = take_line(text);
    const auto label = take_word(line);
    if (!label.starts_with("cpu")) continue;
    const auto number = to_int(label.substr(3));
    if (!number) continue;
    for (int i = 0; i < kFieldsBefore; ++i) take_word(line);
    CpuSchedule out{.number = *number};
    out.run_time = take_number(line) * kNano;
    out.wait_time = take_number(line) * kNano;
    out.runs = take_number(line);
    return out;
  }
  return std::nullopt;
}

std::unique_ptr<Topic> make_schedstat(const std::filesystem::path& proc) {
  return std::make_unique<Schedstat>(proc);
}

}  // namespace plumbline::node
