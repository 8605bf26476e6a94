// SPDX-License-Identifier: Apache-2.0
#include "collectors/bpf/hooks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collectors/bpf/object.h"
#include "tests/support/fake_kernel.h"

namespace plumbline::bpf {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Capabilities, of_root_are_enough) {
  EXPECT_FALSE(missing_capabilities("Name:\tx\nCapEff:\t000001ffffffffff\n"));
}

TEST(Capabilities, bpf_and_perfmon_are_enough_and_each_alone_is_not) {
  EXPECT_FALSE(missing_capabilities("CapEff:\t000000c000000000\n"));
  EXPECT_THAT(missing_capabilities("CapEff:\t0000008000000000\n").value_or(""),
              HasSubstr("CAP_BPF and CAP_PERFMON"));
  EXPECT_TRUE(missing_capabilities("CapEff:\t0000004000000000\n"));
}

TEST(Capabilities, of_old_kernels_are_admin) {
  EXPECT_FALSE(missing_capabilities("CapEff:\t0000000000200000\n"));
}

TEST(Capabilities, unknown_ones_are_tried) {
  EXPECT_FALSE(missing_capabilities(""));
}

TEST(Hooks, without_rights_say_which) {
  FakeKernel kernel;
  const Hooks hooks(kernel.context());
  EXPECT_THAT(hooks.obstacle().value_or(""), HasSubstr("CAP_BPF"));
  EXPECT_EQ(hooks.missing("tp_btf/sched_switch"), hooks.obstacle());
}

TEST(Hooks, without_type_information_say_how_to_get_it) {
  FakeKernel kernel;
  kernel.set_capabilities("000001ffffffffff");
  const Hooks hooks(kernel.context());
  EXPECT_THAT(hooks.obstacle().value_or(""), HasSubstr("CONFIG_DEBUG_INFO_BTF"));
}

TEST(Hooks, denied_ones_are_missing_by_name_or_by_section) {
  FakeKernel kernel;
  kernel.config.bpf.deny_hooks = {"sched_switch", "tp_btf/mark_victim"};
  const Hooks hooks(kernel.context());
  const auto denied = HasSubstr("denied by the configuration");
  EXPECT_THAT(hooks.missing("tp_btf/sched_switch").value_or(""), denied);
  EXPECT_THAT(hooks.missing("tracepoint/sched/sched_switch").value_or(""), denied);
  EXPECT_THAT(hooks.missing("tp_btf/mark_victim").value_or(""), denied);
  EXPECT_THAT(hooks.missing("tracepoint/oom/mark_victim").value_or(""), Not(denied));
}

TEST(LibbpfMessages, explain_with_the_line_that_says_most) {
  LibbpfMessages messages;
  messages.append("libbpf: prog 'x': BPF program load failed: Invalid argument\n");
  messages.append("libbpf: prog 'x': -- BEGIN PROG LOAD LOG --\n0: (79) r1 = *(u64 *)(r1 +8)\n");
  messages.append("R1 invalid mem access 'scalar'\nprocessed 7 insns (limit 1000000)\n");
  messages.append("-- END PROG LOAD LOG --\nlibbpf: failed to load object 'x'\n");
  const auto error = messages.error(EINVAL, "the kernel refused BPF object x");
  EXPECT_EQ(error.what,
            "the kernel refused BPF object x: Invalid argument (R1 invalid mem access 'scalar')");
  EXPECT_EQ(messages.error(EPERM, "no").code, Errc::kDenied);
}

TEST(LibbpfMessages, of_a_long_log_keep_the_end) {
  LibbpfMessages messages;
  for (int i = 0; i < 100'000; ++i) messages.append("another line of a verifier log\n");
  messages.append("the verdict\n");
  EXPECT_THAT(messages.error(EINVAL, "x").what, HasSubstr("the verdict"));
}

}  // namespace
}  // namespace plumbline::bpf
