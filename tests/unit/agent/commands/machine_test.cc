// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/machine.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace plumbline {
namespace {

using testing::HasSubstr;
using State = MachineFact::State;

MachineFact fact(const TempDir& root, std::string_view name) {
  const auto facts = machine_facts(root.path() / "proc", root.path() / "sys");
  const auto found = std::find_if(
      facts.begin(), facts.end(), [&](const MachineFact& one) { return one.name == name; });
  return found == facts.end() ? MachineFact{} : *found;
}

TEST(Machine, SaysHowToGetWhatABareMachineLacks) {
  const TempDir root;
  for (const auto* name : {"BTF", "tracefs"}) {
    EXPECT_EQ(fact(root, name).state, State::kLacking) << name;
    EXPECT_FALSE(fact(root, name).advice.empty()) << name;
  }
  EXPECT_EQ(fact(root, "lockdown").state, State::kUnknown);
  EXPECT_EQ(fact(root, "capabilities").state, State::kUnknown);
  EXPECT_EQ(fact(root, "kernel").state, State::kGood);
}

TEST(Machine, FindsWhatIsThere) {
  const TempDir root;
  root.write("sys/kernel/btf/vmlinux", std::string(2048, 'x'));
  root.make_directory("sys/kernel/debug/tracing/events");
  root.write("sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
  EXPECT_THAT(fact(root, "BTF").value, HasSubstr("2 KiB"));
  EXPECT_THAT(fact(root, "tracefs").value, HasSubstr("kernel/debug/tracing"));
  EXPECT_EQ(fact(root, "lockdown").value, "integrity");
  EXPECT_EQ(fact(root, "lockdown").state, State::kGood);
  root.write("sys/kernel/security/lockdown", "none integrity [confidentiality]\n");
  EXPECT_EQ(fact(root, "lockdown").state, State::kLacking);
}

TEST(Machine, ReadsTheCapabilitiesOfThisProcess) {
  const TempDir root;
  root.write("proc/self/status", "Name:\tx\nCapEff:\t0000000000000000\n");
  EXPECT_EQ(fact(root, "capabilities").value, "none");
  EXPECT_THAT(fact(root, "capabilities").advice, HasSubstr("CAP_BPF to load eBPF programs"));
  root.write("proc/self/status", "CapEff:\t000001ffffffffff\n");
  EXPECT_EQ(fact(root, "capabilities").state, State::kGood);
  // CAP_SYS_ADMIN alone, as in older containers.
  root.write("proc/self/status", "CapEff:\t0000000000200000\n");
  EXPECT_THAT(fact(root, "capabilities").advice, testing::Not(HasSubstr("CAP_BPF")));
  EXPECT_THAT(fact(root, "capabilities").advice, HasSubstr("CAP_SYS_PTRACE"));
}

}  // namespace
}  // namespace plumbline
