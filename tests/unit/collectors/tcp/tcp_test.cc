// SPDX-License-Identifier: Apache-2.0
#include "collectors/tcp/tcp.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "collectors/tcp/signals.h"

namespace plumbline::tcp {
namespace {

using Labels = std::vector<std::pair<std::string_view, std::string>>;

constexpr std::chrono::milliseconds kTick(4);

// The value of the series of `metric` with exactly these attributes.
std::optional<Number> number(const Batch& batch, const MetricSpec& metric, const Labels& labels) {
  for (const auto& point : batch.points()) {
    const auto attributes = point.series->attributes();
    if (point.series->spec().name == metric.name &&
        Labels(attributes.begin(), attributes.end()) == labels) {
      return point.value;
    }
  }
  return {};
}

std::optional<std::int64_t> value(const Batch& batch,
                                  const MetricSpec& metric,
                                  const Labels& labels) {
  const auto found = number(batch, metric, labels);
  return found ? std::optional(found->integer) : std::nullopt;
}

std::optional<double> real_value(const Batch& batch,
                                 const MetricSpec& metric,
                                 const Labels& labels) {
  const auto found = number(batch, metric, labels);
  return found ? std::optional(found->real) : std::nullopt;
}

struct Shown {
  Shown() : resets({{1, "SK_RST_REASON_NO_SOCKET"}}, "SK_RST_REASON_"), series(1) {}

  Batch of(const Totals& totals) {
    Reasons reasons{.resets = resets, .drops = {}};
    Batch batch;
    totals.emit(reasons, series, batch);
    return batch;
  }
  Batch of(const Listeners& listeners) {
    Batch batch;
    listeners.emit(series, batch);
    return batch;
  }

  Names resets;
  SeriesTable series;
};

TEST(Names, drop_the_common_prefix_and_number_what_has_none) {
  Names names({{40, "SKB_DROP_REASON_TCP_LISTEN_OVERFLOW"}}, "SKB_DROP_REASON_");
  EXPECT_EQ(names.of(40), "TCP_LISTEN_OVERFLOW");
  EXPECT_EQ(names.of(0x10003), "reason 0x10003");
  EXPECT_EQ(names.of(TCP_NO_REASON), "");
}

TEST(FailureName, is_the_errno_or_says_that_the_application_gave_up) {
  EXPECT_EQ(failure_name(111), "ECONNREFUSED");
  EXPECT_EQ(failure_name(TCP_FAILED_CANCELED), "canceled");
  EXPECT_EQ(failure_name(9999), "_OTHER");
}

TEST(Totals, counts_grow_by_what_the_kernel_gained) {
  Shown shown;
  Totals totals(kTick);
  const tcp_count_key key{.cgroup = 7, .what = TCP_COUNT_RETRANSMIT, .detail = TCP_RETRANSMIT_FAST};
  totals.add(key, 5, "/a");
  totals.sweep();
  totals.add(key, 8, "/a");
  EXPECT_EQ(value(shown.of(totals),
                  kRetransmits,
                  {{"linux.cgroup.path", "/a"}, {"plumbline.tcp.retransmit.type", "fast"}}),
            8);
}

TEST(Totals, a_reset_for_no_socket_has_a_reason_and_no_group) {
  Shown shown;
  Totals totals(kTick);
  totals.add({.cgroup = 0, .what = TCP_COUNT_RESET_SENT, .detail = 1}, 3, "");
  EXPECT_EQ(
      value(shown.of(totals),
            kResets,
            {{"network.io.direction", "transmit"}, {"plumbline.tcp.reset.reason", "NO_SOCKET"}}),
      3);
}

TEST(Totals, connections_of_an_older_walk_are_gone) {
  Shown shown;
  Totals totals(kTick);
  const tcp_group group{.sent = 10, .received = 20, .walk = 1, .connections = 4};
  totals.add(7, group, 1, "/a");
  EXPECT_EQ(value(shown.of(totals), kOpen, {{"linux.cgroup.path", "/a"}}), 4);
  totals.sweep();
  totals.add(7, group, 2, "/a");
  const auto batch = shown.of(totals);
  EXPECT_EQ(value(batch, kOpen, {{"linux.cgroup.path", "/a"}}), 0);
  EXPECT_EQ(value(batch, kIo, {{"linux.cgroup.path", "/a"}, {"network.io.direction", "receive"}}),
            20);
}

TEST(Totals, without_walks_what_connections_do_now_is_not_known) {
  Shown shown;
  Totals totals(kTick);
  totals.add(7, {.sent = 10, .received = 20}, 0, "/a");
  const auto batch = shown.of(totals);
  EXPECT_EQ(value(batch, kIo, {{"linux.cgroup.path", "/a"}, {"network.io.direction", "transmit"}}),
            10);
  EXPECT_FALSE(value(batch, kOpen, {{"linux.cgroup.path", "/a"}}));
}

TEST(Totals, sums_of_groups_with_one_name_add_up) {
  Shown shown;
  Totals totals(kTick);
  for (int read = 0; read < 2; ++read) {
    totals.add(7, {.sent = 1, .walk = 1, .connections = 4}, 1, "_other");
    totals.add(8, {.sent = 2, .walk = 1, .connections = 5}, 1, "_other");
    const auto batch = shown.of(totals);
    EXPECT_EQ(value(batch, kOpen, {{"linux.cgroup.path", "_other"}}), 9);
    EXPECT_EQ(
        value(batch, kIo, {{"linux.cgroup.path", "_other"}, {"network.io.direction", "transmit"}}),
        3);
    totals.sweep();
  }
}

TEST(Totals, time_without_room_at_the_peer_grows_by_the_ticks_of_the_kernel) {
  Shown shown;
  Totals totals(std::chrono::milliseconds(4));
  totals.add(7, {.limited = 100, .walk = 1}, 1, "/a");
  totals.sweep();
  totals.add(7, {.limited = 350, .walk = 2, .peer_full = 2, .full = 1}, 2, "/a");
  const auto batch = shown.of(totals);
  EXPECT_EQ(real_value(batch, kReceiverLimited, {{"linux.cgroup.path", "/a"}}), 1.4);
  const auto standing = [&](const char* direction) {
    return value(
        batch, kZeroWindows, {{"linux.cgroup.path", "/a"}, {"network.io.direction", direction}});
  };
  EXPECT_EQ(standing("transmit"), 2);
  EXPECT_EQ(standing("receive"), 1);
}

TEST(Totals, the_oldest_unaccepted_connection_is_told_of_groups_that_accept) {
  Shown shown;
  Totals totals(kTick);
  totals.add(7, {.walk = 1, .unaccepted_ns = 2'000'000'000}, 1, "_other");
  totals.add(8, {.walk = 1, .unaccepted_ns = 1'000'000'000}, 1, "_other");
  totals.add(9, {.walk = 1}, 1, "/client");
  const tcp_count_key opened{.cgroup = 7, .what = TCP_COUNT_OPENED, .detail = TCP_ROLE_SERVER};
  totals.add(opened, 1, "_other");
  const auto batch = shown.of(totals);
  EXPECT_EQ(real_value(batch, kBacklogAge, {{"linux.cgroup.path", "_other"}}), 2);
  EXPECT_FALSE(real_value(batch, kBacklogAge, {{"linux.cgroup.path", "/client"}}));
}

TEST(Listeners, drops_from_before_the_agent_do_not_count) {
  Shown shown;
  Listeners listeners;
  tcp_listener listener{
      .cgroup = 7, .port = 80, .backlog = 2, .limit = 128, .drops = 50, .drops_before = 50};
  listeners.add(1, listener, "/a");
  listeners.sweep();
  listener.drops = 53;
  listeners.add(1, listener, "/a");
  const Labels labels{{"linux.cgroup.path", "/a"}, {"server.port", "80"}};
  const auto batch = shown.of(listeners);
  EXPECT_EQ(value(batch, kListenDrops, labels), 3);
  EXPECT_EQ(value(batch, kListenBacklog, labels), 2);
  EXPECT_EQ(value(batch, kListenLimit, labels), 128);
}

TEST(Listeners, workers_that_share_a_port_are_one_and_a_closed_one_leaves_its_drops) {
  Shown shown;
  Listeners listeners;
  listeners.add(1, {.cgroup = 7, .port = 80, .backlog = 2, .limit = 10, .drops = 1}, "/a");
  listeners.add(
      2, {.cgroup = 7, .port = 80, .backlog = 0, .limit = 10, .drops = 4, .closed = 1}, "/a");
  const Labels labels{{"linux.cgroup.path", "/a"}, {"server.port", "80"}};
  const auto batch = shown.of(listeners);
  EXPECT_EQ(value(batch, kListenDrops, labels), 5);
  EXPECT_EQ(value(batch, kListenLimit, labels), 10);
}

TEST(Listeners, too_many_ports_become_one) {
  Shown shown;
  Listeners listeners;
  for (std::uint32_t port = 1; port <= Listeners::kMost + 10; ++port) {
    listeners.add(port, {.cgroup = 7, .port = port, .drops = 1}, "/a");
  }
  EXPECT_EQ(value(shown.of(listeners), kListenDrops, {{"server.port", "0"}}), 10);
}

TEST(Listeners, a_port_nobody_listens_on_is_forgotten) {
  Shown shown;
  Listeners listeners;
  listeners.add(1, {.cgroup = 7, .port = 80}, "/a");
  for (std::uint32_t i = 0; i <= Listeners::kIdleReads; ++i) listeners.sweep();
  EXPECT_EQ(shown.of(listeners).size(), 0U);
}

}  // namespace
}  // namespace plumbline::tcp
