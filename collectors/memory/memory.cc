// SPDX-License-Identifier: Apache-2.0
#include "collectors/memory/memory.h"

#include <charconv>
#include <system_error>

#include "collectors/bpf/mapped_array.h"
#include "collectors/memory/signals.h"

namespace plumbline::memory {

void take(reclaim_stalls& from, ReclaimTotals& into) {
  bpf::take(from.duration, into.duration);
  into.pages += bpf::take(from.pages);
}

void add_points(std::string_view path,
                std::string_view kind,
                const ReclaimTotals& totals,
                SeriesTable& series,
                Batch& out) {
  out.add(series.get(kReclaimStall, {path, kind}), totals.duration.view());
  out.add(series.get(kReclaimPages, {path, kind}), totals.pages);
}

std::optional<std::uint64_t> oom_kills(std::string_view vmstat) {
  constexpr std::string_view kKey = "oom_kill ";
  for (std::size_t line = 0; line < vmstat.size();) {
    const auto end = std::min(vmstat.find('\n', line), vmstat.size());
    if (const auto text = vmstat.substr(line, end - line); text.starts_with(kKey)) {
      std::uint64_t count = 0;
      const auto read =
          std::from_chars(text.data() + kKey.size(), text.data() + text.size(), count);
      if (read.ec != std::errc{}) return {};
      return count;
    }
    line = end + 1;
  }
  return {};
}

}  // namespace plumbline::memory
