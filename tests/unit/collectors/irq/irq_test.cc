// SPDX-License-Identifier: Apache-2.0
#include "collectors/irq/irq.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace plumbline::irq {
namespace {

using Line = std::pair<std::string, std::uint64_t>;

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  parse_interrupts(
      text, [&](std::string_view label, std::uint64_t total) { lines.emplace_back(label, total); });
  return lines;
}

constexpr std::string_view kTwoCpus =
    "           CPU0       CPU1       \n"
    " 24:          1          4  IO-APIC   5-edge      ACPI:Ged\n"
    " 36:          0     445663 PCI-MSIX-0000:00:02.0   1-edge      virtio1-req.0\n"
    "NMI:          0          0   Non-maskable interrupts\n"
    "LOC:         10         20   Local timer interrupts\n"
    "ERR:          7\n";

std::map<std::string, std::uint64_t> by_name(const Counts& counts) {
  std::map<std::string, std::uint64_t> all;
  counts.each([&](std::string_view kind, std::string_view name, std::uint64_t count) {
    all[std::string(kind) + " " + std::string(name)] = count;
  });
  return all;
}

TEST(ParseInterrupts, adds_up_all_cpus) {
  const std::vector<Line> expected{{"24", 5}, {"36", 445663}, {"NMI", 0}, {"LOC", 30}, {"ERR", 7}};
  EXPECT_EQ(lines_of(kTwoCpus), expected);
}

TEST(ParseInterrupts, a_number_of_the_controller_is_no_count) {
  // ARM writes the interrupt's number in its controller and the trigger as words of their own.
  const std::vector<Line> expected{{"27", 3}};
  EXPECT_EQ(lines_of("  CPU0 CPU1\n 27:  1  2  GICv3  27 Level  arch_timer\n"), expected);
  // One CPU went offline between header and line: nothing is taken from the text behind.
  const std::vector<Line> fewer{{"27", 1}};
  EXPECT_EQ(lines_of("  CPU0 CPU1\n 27:  1  5-edge 9\n"), fewer);
}

TEST(ParseInterrupts, survives_text_that_is_none) {
  EXPECT_TRUE(lines_of("").empty());
  EXPECT_TRUE(lines_of("CPU0").empty());
  EXPECT_TRUE(lines_of("CPU0\nno colon\n:\n: 5\nX:\nY: -3\nZ: 99999999999999999999999\n").empty());
}

TEST(Counts, devices_have_the_names_of_their_handlers) {
  const TempDir sys;
  sys.write("kernel/irq/36/actions", "virtio1-req.0\n");
  sys.write("kernel/irq/24/actions", "");
  HandlerNames names(sys.path());
  Counts counts;
  counts.read(kTwoCpus, names);
  const std::map<std::string, std::uint64_t> expected{{"device virtio1-req.0", 445663},
                                                      {"device 24", 5},
                                                      {"cpu NMI", 0},
                                                      {"cpu LOC", 30},
                                                      {"cpu ERR", 7}};
  EXPECT_EQ(by_name(counts), expected);
}

TEST(Counts, interrupts_of_one_name_are_one_and_what_is_gone_is_gone) {
  const TempDir sys;
  sys.write("kernel/irq/1/actions", "eth0\n");
  sys.write("kernel/irq/2/actions", "eth0\n");
  HandlerNames names(sys.path());
  Counts counts;
  counts.read("CPU0\n1: 5 x\n2: 6 x\n", names);
  EXPECT_EQ(by_name(counts), (std::map<std::string, std::uint64_t>{{"device eth0", 11}}));
  counts.read("CPU0\nLOC: 1\n", names);
  EXPECT_EQ(by_name(counts), (std::map<std::string, std::uint64_t>{{"cpu LOC", 1}}));
}

TEST(Counts, too_many_devices_become_one) {
  const TempDir sys;
  HandlerNames names(sys.path());
  std::string text = "CPU0\n";
  for (std::size_t i = 0; i < Counts::kMost + 5; ++i) text += std::to_string(i) + ": 1 x\n";
  Counts counts;
  counts.read(text, names);
  const auto all = by_name(counts);
  EXPECT_EQ(all.size(), Counts::kMost + 1);
  EXPECT_EQ(all.at("device _other"), 5U);
}

}  // namespace
}  // namespace plumbline::irq
