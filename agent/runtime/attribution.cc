// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/attribution.h"

#include <array>
#include <set>
#include <utility>

#include "agent/pipeline/log_encode.h"
#include "agent/pipeline/span_encode.h"
#include "agent/runtime/attribution_signals.h"

namespace plumbline {
namespace {

namespace spec = attribution;

// Teams come from labels, which anybody may write.
constexpr std::size_t kMaxTeams = 200;
constexpr std::string_view kOtherTeam = "_other";

EventSeverity severity_of(PodEventKind kind) {
  switch (kind) {
    case PodEventKind::kOomKill:
    case PodEventKind::kCrashLoop:
    case PodEventKind::kImagePull:
    case PodEventKind::kNoStart:
      return EventSeverity::kError;
    case PodEventKind::kRestart:
      return EventSeverity::kWarning;
    default:
      return EventSeverity::kInfo;
  }
}

// The value for `team`, or for all others once there are too many.
template <class Map>
auto& of_team(Map& map, std::string_view name, std::string_view team) {
  const auto known = map.find({name, std::string(team)});
  if (known != map.end()) return known->second;
  return map[{name, std::string(map.size() < kMaxTeams ? team : kOtherTeam)}];
}

AttributeValue or_absent(std::string_view text) {
  return text.empty() ? AttributeValue() : AttributeValue(text);
}

}  // namespace

const CollectorInfo& Attribution::info() {
  static constexpr CollectorInfo kInfo{.name = "identity",
                                       .description = "whose it is: pods, containers, teams",
                                       .period = std::chrono::seconds{1},
                                       .lane = Lane::kKernel,
                                       .metrics = spec::kMetrics};
  return kInfo;
}

Attribution::Attribution(boost::asio::any_io_executor home,
                         const Clock& clock,
                         Log& log,
                         Append append)
    : home_(std::move(home)),
      clock_(clock),
      log_(log),
      append_(std::move(append)),
      identity_(clock),
      by_owner_(identity_),
      started_(clock.wall()),
      series_(clock.wall()) {}

Result<> Attribution::apply(const IdentityConfig& config) {
  if (watch_ && config == config_) return {};
  auto teams = TeamRules::parse(config.teams);
  if (!teams) return teams.error();
  config_ = config;
  const LabelChoice exported{.labels = config.labels, .annotations = config.annotations};
  auto wanted = exported;
  teams->add_wishes(wanted);
  identity_.configure(exported, *std::move(teams));
  watch_.reset();
  take_devices(Error{.code = Errc::kUnavailable, .what = "nobody has answered yet"});
  if (config.source == PodSourceChoice::kNone) return {};
  watch_ = std::make_unique<PodWatch>(
      config,
      std::move(wanted),
      clock_,
      log_,
      home_,
      PodWatch::Sink{
          .pods = [this](PodAnswer answer) { take(std::move(answer)); },
          .devices = [this](PodWatch::Devices answer) { take_devices(std::move(answer)); }});
  return {};
}

void Attribution::set_resource(const Resource& resource) {
  own_resource_ = resource.encoded_resource();
  scope_ = resource.encoded_scope();
  resources_.set_base(resource.attributes());
}

void Attribution::meet(const Series& series) {
  by_owner_.owner(series);
  if (identity_.wants_refresh() && watch_) watch_->refresh_soon();
}

void Attribution::take(PodAnswer answer) {
  source_ = std::move(answer.source);
  if (!answer.list) {
    ++failed_;
    reason_ = answer.list.error().what;
    return;
  }
  ++answered_;
  reason_.clear();
  mended_ = answer.list->mended;
  left_out_ = answer.list->left_out;
  const auto events = history_.update(*answer.list, clock_.wall());
  identity_.update(*std::move(answer.list));
  std::set<std::string_view> living;
  identity_.each_pod([&](const Pod& pod, const OwnerRef& owner) {
    living.insert(pod.uid);
    note_startup(pod, *owner);
  });
  std::erase_if(told_stages_, [&](const auto& told) { return !living.contains(told.first); });
  if (!events.empty()) take_events(events);
}

// Grants that are old are worse than none: a device may have another owner by now.
void Attribution::take_devices(PodWatch::Devices answer) {
  no_devices_ = answer ? std::string() : answer.error().what;
  devices_.update(answer ? *std::move(answer) : std::vector<DeviceGrant>(), identity_);
}

void Attribution::take_events(const std::vector<PodEvent>& events) {
  std::string request;
  const auto now = clock_.wall();
  for (const auto& event : events) {
    auto owner = identity_.container_owner(event.container_id);
    if (!owner) owner = identity_.pod_owner(event.pod_uid);
    Fields attributes(event.attributes.begin(), event.attributes.end());
    attributes.emplace_back("plumbline.event.id", event.id);
    encode_log(owner ? resources_.encoded(owner) : std::string_view(own_resource_),
               scope_,
               {.name = std::string(to_string(event.kind)),
                .time = event.time,
                .observed = now,
                .severity = severity_of(event.kind),
                .body = event.body,
                .attributes = std::move(attributes)},
               request);
    const auto team = owner ? owner->attribute("plumbline.team") : std::string_view();
    ++of_team(event_counts_, to_string(event.kind), team);
    if (event.took) {
      of_team(starts_, to_string(event.kind), team)
          .record(std::chrono::duration<double>(*event.took).count());
    }
  }
  append_(Signal::kLogs, now, events.size(), std::move(request));
}

std::string_view Attribution::resource_of(const Subject& subject) {
  if (subject.entity) return resources_.encoded(subject.entity);
  const OwnerRef owner = subject.group.empty() ? nullptr : identity_.owner(subject.group);
  return owner ? resources_.encoded(owner) : std::string_view(own_resource_);
}

void Attribution::send_records(const Batch& batch) {
  std::map<std::string_view, std::vector<const Span*>> spans;
  for (const auto& span : batch.spans()) spans[resource_of(span.subject)].push_back(&span);
  std::string request;
  for (const auto& [resource, own] : spans) encode_spans(resource, scope_, own, request);
  const auto now = clock_.wall();
  if (!request.empty()) append_(Signal::kTraces, now, batch.spans().size(), std::move(request));
  request.clear();
  for (const auto& event : batch.events()) {
    encode_log(resource_of(event.subject), scope_, event, request);
  }
  if (!request.empty()) append_(Signal::kLogs, now, batch.events().size(), std::move(request));
}

// A condition that flaps moves its time: only the first is told. Of a pod that is older than the
// agent it is not known whether it is the first.
void Attribution::note_startup(const Pod& pod, const Owner& owner) {
  if (pod.created == 0 || pod.created < started_) return;
  const std::array<std::pair<std::string_view, UnixNanos>, 5> stages{
      {{"scheduled", pod.scheduled},
       {"sandbox", pod.sandbox},
       {"initialized", pod.initialized},
       {"containers_ready", pod.containers_ready},
       {"ready", pod.ready}}};
  auto& told = told_stages_[pod.uid];
  for (unsigned i = 0; i < stages.size(); ++i) {
    const auto [stage, reached] = stages[i];
    const unsigned bit = 1U << i;
    if (reached < pod.created || (told & bit) != 0) continue;
    told |= bit;
    of_team(startups_, stage, owner.attribute("plumbline.team"))
        .record(static_cast<double>(reached - pod.created) * 1e-9);
  }
}

std::uint64_t Attribution::encode(const Latest& latest, MetricsEncoder& encoder, std::string& out) {
  std::uint64_t points = 0;
  for (const auto& group : by_owner_.split(latest.entries())) {
    const auto resource =
        group.owner ? resources_.encoded(group.owner) : std::string_view(own_resource_);
    points += encoder.encode(resource, scope_, group.entries, out);
  }
  resources_.sweep();
  return points;
}

void Attribution::collect(Batch& out) {
  identity_.sweep();
  identity_.each_pod([&](const Pod& pod, const OwnerRef& /*owner*/) {
    for (const auto& container : pod.containers) {
      if (container.is_init) continue;
      const std::string_view name_space = pod.name_space;
      const std::string_view pod_name = pod.name;
      const std::string_view name = container.name;
      out.add(series_.get(spec::kRestarts, {name_space, pod_name, name}),
              static_cast<std::uint64_t>(container.restarts));
      out.add(series_.get(spec::kReady, {name_space, pod_name, name}), container.ready ? 1 : 0);
    }
  });
  for (const auto& [key, time] : startups_) {
    out.add(series_.get(spec::kStartup, {key.first, or_absent(key.second)}), time.view());
  }
  for (const auto& [key, time] : starts_) {
    out.add(series_.get(spec::kStart, {or_absent(key.second)}), time.view());
  }
  for (const auto& [key, count] : event_counts_) {
    out.add(series_.get(spec::kEvents, {key.first, or_absent(key.second)}), count);
  }
  out.add(series_.get(spec::kPods), identity_.pods());
  out.add(series_.get(spec::kContainers), identity_.containers());
  out.add(series_.get(spec::kNameless), identity_.nameless());
  for (const auto& [share, count] : devices_.shares()) {
    out.add(
        series_.get(
            spec::kDevices,
            {share.resource, share.name_space, share.pod, share.container, or_absent(share.team)}),
        count);
  }
  out.add(series_.get(spec::kAnswers, {"success"}), answered_);
  out.add(series_.get(spec::kAnswers, {"failure"}), failed_);
  if (answered_ > 0) {
    out.add(series_.get(spec::kMended), mended_);
    out.add(series_.get(spec::kLeftOut), left_out_);
  }
  series_.sweep();
}

std::array<Coverage, 2> Attribution::coverage() const {
  Coverage pods{.signal = "identity.pods", .mechanism = source_, .reason = {}};
  Coverage devices{.signal = "identity.devices", .mechanism = "podresources", .reason = {}};
  const bool is_off = config_.source == PodSourceChoice::kNone;
  const auto lacks = [&](Coverage& signal, std::string_view reason) {
    signal.state = SignalState::kUnavailable;
    signal.mechanism.clear();
    signal.reason = is_off           ? "identity.source is none"
                    : reason.empty() ? "nobody has answered yet"
                                     : reason;
  };
  if (source_.empty()) lacks(pods, reason_);
  if (is_off || !no_devices_.empty()) lacks(devices, no_devices_);
  return {pods, devices};
}

IdentityStatus Attribution::status() const {
  return {.source = source_,
          .reason = reason_.empty() ? coverage().front().reason : reason_,
          .pods = identity_.pods(),
          .containers = identity_.containers(),
          .nameless = identity_.nameless(),
          .answered = answered_,
          .failed = failed_};
}

}  // namespace plumbline
