// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "agent/config/config.h"
#include "agent/config/problem.h"
#include "agent/config/read.h"

namespace plumbline {

// What is wrong between values that are right one by one: a certificate without its key, TLS
// settings on a plain connection, a header that HTTP forbids. Sets the protocol of each destination
// from its endpoint.
void check_destinations(Config& config, const Places& places, std::vector<Problem>& problems);

// The same for ClickHouse servers, whose configuration it only reads.
void check_clickhouse(const Config& config, const Places& places, std::vector<Problem>& problems);

// The same of Kafka clusters: brokers that are no addresses, expressions that are none, credentials
// without a mechanism, two clusters of one name. A cluster without a name is called "default".
void check_kafka_clusters(Config& config, const Places& places, std::vector<Problem>& problems);

}  // namespace plumbline
