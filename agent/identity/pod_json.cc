// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/pod_json.h"

#include <charconv>
#include <chrono>

#include <fmt/format.h>

#include "agent/core/series.h"

#include <nlohmann/json.hpp>

namespace plumbline {
namespace {

using Json = nlohmann::json;

// A real pod reaches 15 below the list; more is somebody's joke.
constexpr int kMaxDepth = 64;
constexpr int kPodDepth = 2;  // of an object in the list's "items", whose own depth is 1

const Json& member(const Json& object, const char* key) {
  static const Json kNothing;
  if (!object.is_object()) return kNothing;
  const auto found = object.find(key);
  return found == object.end() ? kNothing : *found;
}

std::string_view text(const Json& object, const char* key) {
  const auto& value = member(object, key);
  return value.is_string() ? std::string_view(value.get_ref<const std::string&>())
                           : std::string_view();
}

std::int64_t number(const Json& object, const char* key) {
  const auto& value = member(object, key);
  return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

bool flag(const Json& object, const char* key) {
  const auto& value = member(object, key);
  return value.is_boolean() && value.get<bool>();
}

// The whole ones that 63 bits of nanoseconds since 1970 reach.
constexpr std::chrono::year kFirstYear(1970);
constexpr std::chrono::year kLastYear(2261);

// "2026-11-21T14:34:08Z", with or without a fraction; 0 for anything else.
UnixNanos time(const Json& object, const char* key) {
  const auto value = text(object, key);
  if (value.size() < 20 || value.back() != 'Z' || value[10] != 'T') return 0;
  const auto digits = [&](std::size_t at, std::size_t length) {
    int out = -1;
    const auto* const begin = value.data() + at;
    const auto [end, problem] = std::from_chars(begin, begin + length, out);
    return problem == std::errc{} && end == begin + length ? out : -1;
  };
  const auto day = std::chrono::year(digits(0, 4)) / digits(5, 2) / digits(8, 2);
  const auto hour = digits(11, 2);
  const auto minute = digits(14, 2);
  const auto second = digits(17, 2);
  if (!day.ok() || day.year() < kFirstYear || day.year() > kLastYear) return 0;
  if (hour < 0 || minute < 0 || second < 0) return 0;
  const auto since = std::chrono::sys_days(day).time_since_epoch() + std::chrono::hours(hour) +
                     std::chrono::minutes(minute) + std::chrono::seconds(second);
  const auto nanos = std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
  return nanos < 0 ? 0 : static_cast<UnixNanos>(nanos);
}

// Reads one pod after the other into the list.
class PodReader {
 public:
  PodReader(const LabelChoice& choice, PodList& list) : choice_(choice), list_(list) {}

  void take(const Json& json) {
    const auto& meta = member(json, "metadata");
    const auto& status = member(json, "status");
    Pod pod;
    pod.uid = clean(meta, "uid");
    pod.name = clean(meta, "name");
    pod.name_space = clean(meta, "namespace");
    pod.node = clean(member(json, "spec"), "nodeName");
    pod.phase = clean(status, "phase");
    pod.created = time(meta, "creationTimestamp");
    for (const auto& [key, value] : member(meta, "labels").items()) {
      if (choice_.wants_label(key)) take_label(pod.labels, key, value);
    }
    for (const auto& [key, value] : member(meta, "annotations").items()) {
      if (choice_.wants_annotation(key)) take_label(pod.annotations, key, value);
    }
    for (const auto& owner : member(meta, "ownerReferences")) {
      if (!flag(owner, "controller") && pod.owner) continue;
      pod.owner = PodOwner{.kind = clean(owner, "kind"), .name = clean(owner, "name")};
    }
    for (const auto& condition : member(status, "conditions")) take_condition(pod, condition);
    take_containers(pod, member(status, "initContainerStatuses"), true);
    take_containers(pod, member(status, "containerStatuses"), false);
    take_containers(pod, member(status, "ephemeralContainerStatuses"), false);
    add_pod(std::move(pod), list_);
  }

 private:
  std::string clean(const Json& object, const char* key) {
    return clean_text(text(object, key), list_.mended);
  }

  void take_label(Labels& labels, const std::string& key, const Json& value) {
    if (value.is_string()) add_label(labels, key, value.get_ref<const std::string&>(), list_);
  }

  static void take_condition(Pod& pod, const Json& condition) {
    if (text(condition, "status") != "True") return;
    set_condition(pod, text(condition, "type"), time(condition, "lastTransitionTime"));
  }

  void take_containers(Pod& pod, const Json& statuses, bool is_init) {
    for (const auto& status : statuses) {
      if (pod.containers.size() >= kMaxContainers) {
        ++list_.left_out;
        return;
      }
      ContainerStatus out;
      out.is_init = is_init;
      out.name = clean(status, "name");
      out.image = clean(status, "image");
      out.image_id = clean(status, "imageID");
      out.restarts = static_cast<std::uint32_t>(number(status, "restartCount"));
      out.ready = flag(status, "ready");
      set_container_id(out, text(status, "containerID"));
      take_state(out, member(status, "state"));
      const auto& before = member(member(status, "lastState"), "terminated");
      if (before.is_object()) out.ended_before = termination(before);
      pod.containers.push_back(std::move(out));
    }
  }

  void take_state(ContainerStatus& out, const Json& state) {
    const auto& running = member(state, "running");
    const auto& ended = member(state, "terminated");
    const auto& waiting = member(state, "waiting");
    if (running.is_object()) {
      out.state = ContainerState::kRunning;
      out.started = time(running, "startedAt");
    } else if (ended.is_object()) {
      out.state = ContainerState::kTerminated;
      out.started = time(ended, "startedAt");
      out.ended = termination(ended);
    } else if (waiting.is_object()) {
      out.state = ContainerState::kWaiting;
      out.waiting_reason = clean(waiting, "reason");
    }
  }

  Termination termination(const Json& ended) {
    ContainerStatus id;
    set_container_id(id, text(ended, "containerID"));
    return {.container_id = std::move(id.id),
            .exit_code = static_cast<std::int32_t>(number(ended, "exitCode")),
            .signal = static_cast<std::int32_t>(number(ended, "signal")),
            .reason = clean(ended, "reason"),
            .finished = time(ended, "finishedAt")};
  }

  const LabelChoice& choice_;
  PodList& list_;
};

}  // namespace

Result<PodList> parse_pods_json(std::string_view text, const LabelChoice& choice) {
  PodList list;
  auto mended = valid_utf8(text);
  if (mended != text) ++list.mended;
  PodReader reader(choice, list);
  std::string section;  // the member of the list that is being read
  bool too_deep = false;
  const auto visit = [&](int depth, Json::parse_event_t event, Json& parsed) {
    too_deep = too_deep || depth > kMaxDepth;
    if (too_deep) return false;
    if (event == Json::parse_event_t::key && depth == 1) {
      section = parsed.get_ref<const std::string&>();
    }
    if (event != Json::parse_event_t::object_end || depth != kPodDepth || section != "items") {
      return true;
    }
    reader.take(parsed);
    return false;  // forgotten
  };
  try {
    const auto whole = Json::parse(mended, visit);
    if (too_deep) {
      return Error{.code = Errc::kMalformed,
                   .what = fmt::format("JSON nested deeper than {}", kMaxDepth)};
    }
    const auto& items = member(whole, "items");
    if (whole.is_object() && (items.is_array() || items.is_null())) return list;
    return Error{.code = Errc::kMalformed, .what = "JSON, but not a list of pods"};
  } catch (const Json::exception& problem) {
    return Error{
        .code = Errc::kMalformed,
        .what = fmt::format("not JSON: {}", std::string_view(problem.what()).substr(0, 120))};
  }
}

}  // namespace plumbline
