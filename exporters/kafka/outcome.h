// SPDX-License-Identifier: Apache-2.0
//
// What the cluster's answer means for a request. Pure functions. Codes are librdkafka's
// rd_kafka_resp_err_t: Kafka's own above 0, those of the library below.
#pragma once

#include <string>
#include <string_view>

#include "agent/config/config.h"
#include "exporters/exporter.h"

namespace plumbline {

// A delivery report. What is wrong with the message itself is refused for good; what is wrong with
// the cluster, the topic or our rights there can be mended while the data waits.
SendOutcome outcome_of_report(int code, std::string_view topic);

// An error of a connection: whether it leaves no way to any broker, so that waiting on is no use;
// whether a broker refused the login; whether it says no more than that all brokers are down.
bool ends_attempt(int code);
bool is_login_refused(int code);
bool says_only_down(int code);

// What a refused login may come from beside a wrong password: before 2.6.1 librdkafka's SCRAM is
// not quite RFC 5802's, which Kafka 4 found out. `version` as in RD_KAFKA_VERSION. Empty: nothing.
std::string login_hint(KafkaLogin login, int version);

// An error of librdkafka without its internals:
// "sasl_ssl://kafka-1:9093/bootstrap: SASL authentication error: … (after 3ms in state AUTH_REQ)"
// becomes "kafka-1:9093: SASL authentication error: …". One line of valid UTF-8, some 300 bytes.
std::string broker_words(std::string_view text);

}  // namespace plumbline
