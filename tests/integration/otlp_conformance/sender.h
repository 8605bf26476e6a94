// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>

#include "agent/core/clock.h"
#include "agent/core/log.h"
#include "exporters/otlp/otlp.h"

namespace plumbline {

// One exporter with everything it needs, driven from a test.
class Sender {
 public:
  explicit Sender(const OtlpConfig& config);
  ~Sender();
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;
  Sender(Sender&&) = delete;
  Sender& operator=(Sender&&) = delete;

  // Runs until send() has ended.
  SendOutcome send(std::string_view bytes,
                   Signal signal = Signal::kMetrics,
                   std::chrono::milliseconds timeout = std::chrono::seconds(5));
  SendOutcome send() { return send(sample()); }
  // Lets what the exporter does by itself go on for a while: reading while no request runs.
  void run_for(std::chrono::milliseconds time);

  Exporter& exporter() { return *exporter_; }
  const Log& log() const { return log_; }

  // A metrics request of one point, as protobuf bytes.
  static std::string sample();

 private:
  SystemClock clock_;
  Log log_{clock_, 2, LogFormat::kText, LogLevel::kError};
  TrustSets trust_{log_};
  boost::asio::io_context context_{1};
  std::unique_ptr<Exporter> exporter_;
};

// A configuration with that endpoint and no compression.
OtlpConfig plain_config(std::string endpoint);

}  // namespace plumbline
