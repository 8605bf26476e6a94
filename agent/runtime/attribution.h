// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>

#include "agent/config/config.h"
#include "agent/core/batch.h"
#include "agent/core/clock.h"
#include "agent/core/histogram.h"
#include "agent/core/log.h"
#include "agent/core/series.h"
#include "agent/identity/devices.h"
#include "agent/identity/identity.h"
#include "agent/identity/pod_events.h"
#include "agent/identity/sources/pod_watch.h"
#include "agent/pipeline/by_owner.h"
#include "agent/pipeline/encode.h"
#include "agent/pipeline/latest.h"
#include "agent/runtime/identity_status.h"
#include "collectors/collector.h"
#include "exporters/exporter.h"

namespace plumbline {

// Gives what was measured its owner: keeps the table of who is who fed, writes one resource for
// each container into the exports, and tells what happened to containers, as log events and as
// points of its own. Agent thread only; what may block runs elsewhere (PodWatch).
class Attribution {
 public:
  static const CollectorInfo& info();

  // One request of spans or log records, so many, of this time.
  using Append =
      std::function<void(Signal signal, UnixNanos time, std::uint64_t items, std::string bytes)>;

  Attribution(boost::asio::any_io_executor home, const Clock& clock, Log& log, Append append);

  // Takes settings over, at the start and at each reload. Errors: kMalformed, a team rule that
  // makes no sense; then everything stays as it was.
  Result<> apply(const IdentityConfig& config);
  void set_resource(const Resource& resource);

  // A series that was not there before: asks for its pod when nobody knows it.
  void meet(const Series& series);

  // Appends one request with all entries to `out`, each below its owner's resource; returns the
  // number of points.
  std::uint64_t encode(const Latest& latest, MetricsEncoder& encoder, std::string& out);

  // The spans and events of a batch, each below the resource of its subject, go into the queue.
  void send_records(const Batch& batch);

  // How containers fare, and identity itself.
  void collect(Batch& out);
  // Of pods, then of devices.
  std::array<Coverage, 2> coverage() const;
  IdentityStatus status() const;

  ByOwner& owners() { return by_owner_; }
  const DeviceTable& devices() const { return devices_; }

 private:
  void take(PodAnswer answer);
  void take_devices(PodWatch::Devices answer);
  void take_events(const std::vector<PodEvent>& events);
  std::string_view resource_of(const Subject& subject);
  void note_startup(const Pod& pod, const Owner& owner);

  boost::asio::any_io_executor home_;
  const Clock& clock_;
  Log& log_;
  Append append_;
  IdentityConfig config_;
  Identity identity_;
  DeviceTable devices_;
  ByOwner by_owner_;
  OwnerResources resources_;
  std::string own_resource_;
  std::string scope_;
  PodHistory history_;
  UnixNanos started_;
  SeriesTable series_;

  using StageOrEvent = std::pair<std::string_view, std::string>;  // its name, and the team
  std::map<StageOrEvent, ExpHistogram> startups_;                 // seconds
  std::map<StageOrEvent, ExpHistogram> starts_;                   // seconds
  std::map<StageOrEvent, std::uint64_t> event_counts_;
  std::map<std::string, unsigned> told_stages_;  // by uid of living pods: which are counted
  std::string source_;
  std::string reason_;                                  // why nobody answers
  std::string no_devices_ = "nobody has answered yet";  // why; empty when they are known
  std::uint64_t answered_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t mended_ = 0;
  std::uint64_t left_out_ = 0;
  std::unique_ptr<PodWatch> watch_;  // last: what it delivers uses everything above
};

}  // namespace plumbline
