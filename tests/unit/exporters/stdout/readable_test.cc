// SPDX-License-Identifier: Apache-2.0
#include "exporters/stdout/readable.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/pipeline/encode.h"
#include "exporters/stdout/points.h"
#include "tests/support/hostile_text.h"

namespace plumbline {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr UnixNanos kNow = 1'795'000'000'123'000'000;

constexpr MetricSpec kIo{.name = "system.disk.io",
                         .instrument = Instrument::kCounter,
                         .unit = Unit::kBytes,
                         .description = "",
                         .source = "",
                         .attributes = {"system.device", "disk.io.direction"}};
constexpr MetricSpec kLoad{.name = "system.load",
                           .instrument = Instrument::kGauge,
                           .unit = Unit::kLoad,
                           .description = "",
                           .source = ""};
constexpr MetricSpec kWait{.name = "plumbline.wait",
                           .instrument = Instrument::kHistogram,
                           .unit = Unit::kSeconds,
                           .description = "",
                           .source = "",
                           .attributes = {"cgroup.path"}};

class ReadableTest : public testing::Test {
 protected:
  SeriesTable table_{1};
  Batch batch_;
  Latest latest_;

  std::string request() {
    batch_.time = kNow;
    latest_.update("test", batch_);
    std::string bytes;
    MetricsEncoder encoder;
    encoder.encode(Resource({}, "1"), latest_.entries(), bytes);
    return bytes;
  }
  std::string table(const TableStyle& style = {}) {
    return readable_metrics(request(), style).value();
  }
  void fill() {
    batch_.add(table_.get(kIo, {"sdb", "write"}), 3 << 20);
    batch_.add(table_.get(kIo, {"sda", "read"}), 4096);
    batch_.add(table_.get(kLoad), 0.37);
    ExpHistogram waits;
    for (int i = 0; i < 100; ++i) waits.record(0.001);
    batch_.add(table_.get(kWait, {"/system.slice/a"}), waits.view());
  }
};

TEST_F(ReadableTest, IsATableSortedByMetricAndAttributes) {
  fill();
  EXPECT_EQ(table(),
            "2026-11-18T11:06:40.123Z  3 metrics, 4 points\n"
            "plumbline.wait  cgroup.path=/system.slice/a                "
            "100 times, mean 1 ms, p50 1.02 ms, p99 1.06 ms\n"
            "system.disk.io  system.device=sda disk.io.direction=read   4 KiB\n"
            "                system.device=sdb disk.io.direction=write  3 MiB\n"
            "system.load                                                0.37 runnable_task\n");
}

TEST_F(ReadableTest, FitsTheTerminal) {
  batch_.add(table_.get(kIo, {std::string(200, 'x'), "grüße"}), 1);
  batch_.add(table_.get(kLoad), 1.0);
  const auto text = table({.width = 80});
  std::size_t start = 0;
  for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', start)) {
    const auto line = text.substr(start, end - start);
    const auto columns = std::count_if(line.begin(), line.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xc0U) != 0x80;
    });
    EXPECT_LE(columns, 80) << line;
    start = end + 1;
  }
  EXPECT_THAT(text, HasSubstr("xxx…  1 B\n"));
}

TEST_F(ReadableTest, HasColourOnlyWhenAsked) {
  fill();
  EXPECT_THAT(table(), Not(HasSubstr("\x1b")));
  EXPECT_THAT(table({.colour = Colour::kOn}), HasSubstr("\x1b[1msystem.load"));
}

TEST_F(ReadableTest, EscapesWhatCouldForgeALine) {
  batch_.add(table_.get(kIo, {"a\nb\x1b[31m", ""}), 1);
  EXPECT_THAT(table(), HasSubstr("system.device=a\\nb\\x1b[31m disk.io.direction=\"\""));
}

TEST_F(ReadableTest, SaysWhatIsGone) {
  batch_.add(table_.get(kLoad), 1.0);
  request();
  latest_.drop_vanished();
  batch_.clear();
  EXPECT_THAT(table(), HasSubstr("system.load    gone\n"));
}

TEST_F(ReadableTest, IsNothingForNoPoints) {
  EXPECT_EQ(readable_metrics("", {}).value(), "");
}

TEST_F(ReadableTest, RefusesWhatIsNoRequest) {
  const auto table = readable_metrics("\x0a\x05x", {});
  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().code, Errc::kMalformed);
}

TEST_F(ReadableTest, SurvivesBrokenRequests) {
  fill();
  with_hostile_texts(request(), [](std::string_view bytes) {
    const auto table = readable_metrics(bytes, {.width = 40, .colour = Colour::kOn});
    if (table) {
      EXPECT_EQ(table.value().find('\0'), std::string::npos);
    }
  });
}

TEST_F(ReadableTest, StopsAtMorePointsThanARequestHas) {
  // a gauge of empty points: two bytes each
  std::string points;
  for (std::size_t i = 0; i <= kReadPointsMax; ++i) points.append("\x0a\x00", 2);
  const auto nest = [](char tag, const std::string& inside) {
    std::string out(1, tag);
    auto length = inside.size();
    for (; length > 0x7f; length >>= 7U) out.push_back(static_cast<char>(length | 0x80U));
    out.push_back(static_cast<char>(length));
    return out + inside;
  };
  const auto request = nest('\x0a', nest('\x12', nest('\x12', nest('\x2a', points))));
  const auto read = read_points(request);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Errc::kExhausted);
}

}  // namespace
}  // namespace plumbline
