// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "agent/core/metric.h"

namespace plumbline::kafka::division {

inline constexpr AttributeKeys kOfCluster{"kafka.cluster.alias"};

inline constexpr MetricSpec kMembers{
    "plumbline.kafka.division.members",
    Instrument::kGauge,
    Unit::kMember,
    "Agents that divide the work at this cluster, as the group's coordinator counts them.",
    "DescribeGroups",
    kOfCluster};
inline constexpr MetricSpec kShare{
    "plumbline.kafka.division.share",
    Instrument::kGauge,
    Unit::kOne,
    "What part of this cluster's work is this agent's, by partitions of the coordination topic.",
    "librdkafka's assignment",
    kOfCluster};
inline constexpr MetricSpec kRebalances{"plumbline.kafka.division.rebalances",
                                        Instrument::kCounter,
                                        Unit::kEvent,
                                        "How often this agent was given work or had it taken away.",
                                        "librdkafka's rebalance events",
                                        kOfCluster};
inline constexpr MetricSpec kWithheld{
    "plumbline.kafka.division.withheld",
    Instrument::kCounter,
    Unit::kRun,
    "Looks that were not reported, because it was not sure that no other agent would.",
    "the agent",
    kOfCluster};

inline constexpr std::array kMetrics{kMembers, kShare, kRebalances, kWithheld};

}  // namespace plumbline::kafka::division
