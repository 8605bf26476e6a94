// SPDX-License-Identifier: Apache-2.0
//
// The first byte chooses the signal, the rest is what a journal's row might hold. Selecting a range
// of it ends; what is selected is a request with so many items, from which selecting the same again
// takes nothing away; it can be written as CSV or is told to be none; and it is put together again
// as it was once it was taken apart into columns.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "agent/commands/journal_csv.h"
#include "agent/commands/time_point.h"
#include "agent/journal/columns.h"
#include "agent/journal/select.h"
#include "agent/pipeline/split.h"

using namespace plumbline;

namespace {

constexpr UnixNanos kNow = 1'795'269'907'000'000'000ULL;

void require(bool holds) {
  if (!holds) std::abort();
}

// A time that is read is written so that the same is read again.
void check_time(std::string_view text) {
  const auto time = parse_time(text, kNow);
  if (!time) return;
  require(parse_time(format_exact_time(*time), kNow).value() == *time);
}

void check_selection(Signal signal, std::string_view request, const Selection& selection) {
  std::string out;
  const auto selected = select_items(signal, request, selection, out);
  if (!selected) return;
  require((selected->items == 0) == out.empty());
  require(count_items(signal, out).value() == selected->items);
  std::string again;
  const auto same = select_items(signal, out, selection, again);
  require(same && same->items == selected->items && same->left_out == 0 && again == out);
}

// What is taken apart is put together again as it was, and nothing else is put together that is not
// as long as it should be.
void check_columns(std::string_view bytes) {
  ColumnSplitter splitter;
  std::string form;
  std::string request;
  if (splitter.split(bytes, form)) {
    require(form.size() <= max_form_bytes(bytes.size()));
    require(join_columns(form, bytes.size(), request) && request == bytes);
  }
  if (join_columns(bytes, bytes.size() + bytes.size() / 4, request)) {
    require(request.size() == bytes.size() + bytes.size() / 4);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are what is given
  const std::string_view request(reinterpret_cast<const char*>(data) + 1, size - 1);
  check_time(request);
  check_columns(request);
  const auto signal = static_cast<Signal>(data[0] % kSignals);
  check_selection(signal, request, {});
  check_selection(signal, request, {.from = kNow, .to = kNow + 1'000'000'000});
  check_selection(signal, request, {.metrics = {"sys*", "?"}});
  std::string csv;
  const auto lines = append_csv(request, csv);
  require(csv.empty() || csv.back() == '\n');
  static_cast<void>(lines);
  return 0;
}
