// SPDX-License-Identifier: Apache-2.0
//
// The one header to read before writing an exporter.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

namespace plumbline {

enum class Signal : std::uint8_t { kMetrics, kTraces, kLogs };
inline constexpr std::size_t kSignals = 3;

std::string_view to_string(Signal signal);

// One request: an Export{Metrics,Trace,Logs}ServiceRequest of OTLP as protobuf bytes. Two of the
// same signal put one behind the other are again one valid request.
struct Payload {
  Signal signal = Signal::kMetrics;
  std::string_view bytes;
  std::uint64_t items = 0;  // data points, spans or log records inside
};

// What became of one request, in the words of the OTLP specification.
struct SendOutcome {
  enum class Kind : std::uint8_t {
    kAccepted,     // the destination has it; `rejected` items of it were refused (partial success)
    kRetry,        // it answered: send the same again, not before `retry_after`
    kUnreachable,  // it gave no answer: send the same again
    kRejected,     // never send this again; all its items are lost to this destination
    kTooLarge,     // never send this again as it is; halves may pass
  };

  Kind kind = Kind::kAccepted;
  std::uint64_t rejected = 0;
  std::optional<std::chrono::nanoseconds> retry_after;  // asked for by the destination
  std::string reason;            // what the destination or the network said, redacted; may be empty
  std::uint64_t sent_bytes = 0;  // of the body as it went out, after compression
};

// A destination's transport: sends one request and says what became of it. Knows nothing of
// queues, cursors and retry times: the delivery loop in agent/pipeline owns those. Lives on the
// agent thread; send() is called again only after the last one has ended.
class Exporter {
 public:
  Exporter() = default;
  Exporter(const Exporter&) = delete;
  Exporter& operator=(const Exporter&) = delete;
  Exporter(Exporter&&) = delete;
  Exporter& operator=(Exporter&&) = delete;
  virtual ~Exporter() = default;

  // Stable and unique among the destinations: "otlp:collector.prod:4317". No credentials in it.
  virtual std::string_view name() const = 0;

  // Ends within `timeout` whatever the destination does. `payload` stays valid until then.
  virtual boost::asio::awaitable<SendOutcome> send(Payload payload,
                                                   std::chrono::milliseconds timeout) = 0;
};

}  // namespace plumbline
