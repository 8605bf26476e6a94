// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "agent/core/metric.h"

namespace plumbline::kafka::canary {

inline constexpr AttributeKeys kOfPartition{"kafka.cluster.alias", "partition"};

inline constexpr MetricSpec kProduce{
    "plumbline.kafka.canary.produce.duration",
    Instrument::kHistogram,
    Unit::kSeconds,
    "From handing a message over to the answer of the brokers that all replicas in sync have it.",
    "the agent's own messages",
    kOfPartition};
inline constexpr MetricSpec kConsume{
    "plumbline.kafka.canary.consume.duration",
    Instrument::kHistogram,
    Unit::kSeconds,
    "From handing a message over until a consumer was given it. Of those that came after the look "
    "that sent them, to the next look.",
    "the agent's own messages",
    kOfPartition};
inline constexpr MetricSpec kCommit{"plumbline.kafka.canary.commit.duration",
                                    Instrument::kHistogram,
                                    Unit::kSeconds,
                                    "How long a commit behind such a message took.",
                                    "the agent's own commits",
                                    kOfPartition};
inline constexpr MetricSpec kMessages{
    "plumbline.kafka.canary.messages",
    Instrument::kCounter,
    Unit::kMessage,
    "What became of the messages: in_time, late (seen after more than 5 s), lost (a later one of "
    "the partition was seen without it), refused (no broker took it).",
    "the agent's own messages",
    {"kafka.cluster.alias", "partition", "plumbline.result"}};
inline constexpr MetricSpec kUnderWay{
    "plumbline.kafka.canary.under_way",
    Instrument::kGauge,
    Unit::kMessage,
    "Messages of which it is not known yet what becomes of them. While there are 32 no more are "
    "sent.",
    "the agent's own messages",
    kOfPartition};

inline constexpr std::array kMetrics{kProduce, kConsume, kCommit, kMessages, kUnderWay};

}  // namespace plumbline::kafka::canary
