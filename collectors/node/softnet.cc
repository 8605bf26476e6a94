// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/softnet.h"

#include "collectors/node/network_signals.h"

namespace plumbline::node {
namespace {

class Softnet final : public Topic {
 public:
  explicit Softnet(const std::filesystem::path& proc)
      : Topic("node.softnet"), softnet_(file(proc / "net/softnet_stat")) {}

  void collect(Tick& tick) override {
    auto text = softnet_.read(tick.buffer);
    if (!text) return;
    for (int line = 0; const auto stats = take_softnet(*text, line); ++line) {
      const std::int64_t cpu = stats->cpu;
      tick.out.add(tick.series.get(kSoftnetProcessed, {cpu}), stats->processed);
      tick.out.add(tick.series.get(kSoftnetDropped, {cpu}), stats->dropped);
      tick.out.add(tick.series.get(kSoftnetSqueezed, {cpu}), stats->squeezed);
      tick.out.add(tick.series.get(kSoftnetBacklog, {cpu}), stats->backlog);
    }
  }

 private:
  TextFile& softnet_;
};

}  // namespace

std::optional<SoftnetStats> take_softnet(std::string_view& text, int line_number) {
  constexpr int kBacklogColumn = 12;
  constexpr double kMaxCpu = 1e6;
  if (text.empty()) return std::nullopt;
  auto line = take_line(text);
  SoftnetStats out{.cpu = line_number};
  out.processed = to_hex_number(take_word(line));
  out.dropped = to_hex_number(take_word(line));
  out.squeezed = to_hex_number(take_word(line));
  for (int column = 4; column < kBacklogColumn; ++column) take_word(line);
  out.backlog = to_hex_number(take_word(line));
  const auto cpu = to_hex_number(take_word(line));
  if (cpu < kMaxCpu) out.cpu = static_cast<int>(cpu);
  return out;
}

std::unique_ptr<Topic> make_softnet(const std::filesystem::path& proc) {
  return std::make_unique<Softnet>(proc);
}

}  // namespace plumbline::node
