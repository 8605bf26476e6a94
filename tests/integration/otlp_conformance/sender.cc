// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/otlp_conformance/sender.h"

#include <exception>
#include <optional>
#include <stdexcept>

#include <boost/asio/co_spawn.hpp>
#include <protozero/pbf_writer.hpp>

namespace plumbline {

Sender::Sender(const OtlpConfig& config) {
  auto made = make_otlp_exporter(
      config, {.clock = clock_, .log = log_, .trust = trust_, .version = "0.0.0-test"});
  if (!made) throw std::runtime_error(made.error().what);
  exporter_ = *std::move(made);
}

Sender::~Sender() {
  // Connections close when their exporter goes; their coroutines then need a last turn.
  exporter_.reset();
  context_.restart();
  context_.run_for(std::chrono::seconds(1));
}

SendOutcome Sender::send(std::string_view bytes, Signal signal, std::chrono::milliseconds timeout) {
  std::optional<SendOutcome> outcome;
  std::exception_ptr problem;
  const Payload payload{.signal = signal, .bytes = bytes, .items = 1};
  context_.restart();
  boost::asio::co_spawn(context_,
                        exporter_->send(payload, timeout),
                        [&](std::exception_ptr thrown, SendOutcome result) {
                          problem = std::move(thrown);
                          outcome = std::move(result);
                        });
  while (!outcome) context_.run_one();
  if (problem) std::rethrow_exception(problem);
  return *outcome;
}

void Sender::run_for(std::chrono::milliseconds time) {
  context_.restart();
  context_.run_for(time);
}

std::string Sender::sample() {
  const auto wrap = [](protozero::pbf_tag_type tag, const std::string& inner) {
    std::string out;
    protozero::pbf_writer(out).add_message(tag, inner);
    return out;
  };
  std::string point;
  protozero::pbf_writer point_writer(point);
  point_writer.add_fixed64(3, 1'700'000'000'000'000'000U);
  point_writer.add_sfixed64(6, 42);
  std::string metric;
  protozero::pbf_writer metric_writer(metric);
  metric_writer.add_string(1, "test.metric");
  metric_writer.add_message(5, wrap(1, point));
  return wrap(1, wrap(2, wrap(2, metric)));
}

OtlpConfig plain_config(std::string endpoint) {
  OtlpConfig config;
  config.endpoint = std::move(endpoint);
  config.compression = Compression::kNone;
  return config;
}

}  // namespace plumbline
