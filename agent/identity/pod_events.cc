// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/pod_events.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "agent/identity/workload.h"

namespace plumbline {
namespace {

constexpr std::string_view kCrashLoop = "CrashLoopBackOff";
constexpr std::string_view kOomKilled = "OOMKilled";

// Why a container waits, as the kubelet and its image manager name it (pkg/kubelet/images/types.go
// and kuberuntime).
constexpr std::array<std::string_view, 6> kPullReasons{"ErrImagePull",
                                                       "ImagePullBackOff",
                                                       "ErrImageNeverPull",
                                                       "InvalidImageName",
                                                       "ImageInspectError",
                                                       "SignatureValidationFailed"};
constexpr std::array<std::string_view, 5> kStartReasons{"CreateContainerConfigError",
                                                        "CreateContainerError",
                                                        "PreCreateHookError",
                                                        "PreStartHookError",
                                                        "RunContainerError"};

template <class Reasons>
bool is_one_of(const Reasons& reasons, std::string_view reason) {
  return std::find(reasons.begin(), reasons.end(), reason) != reasons.end();
}

std::string where(const Pod& pod, const ContainerStatus& container) {
  return fmt::format("container {} of {}/{}", container.name, pod.name_space, pod.name);
}

std::string images_of(const Pod& pod) {
  std::string out;
  for (const auto& container : pod.containers) {
    if (container.is_init) continue;
    if (!out.empty()) out.push_back(' ');
    out.append(container.name).append("=").append(container.image);
  }
  return out;
}

}  // namespace

std::string_view to_string(PodEventKind kind) {
  switch (kind) {
    case PodEventKind::kStart:
      return "container.start";
    case PodEventKind::kExit:
      return "container.exit";
    case PodEventKind::kOomKill:
      return "container.oom_kill";
    case PodEventKind::kRestart:
      return "container.restart";
    case PodEventKind::kCrashLoop:
      return "container.crash_loop";
    case PodEventKind::kImagePull:
      return "container.image_pull_failure";
    case PodEventKind::kNoStart:
      return "container.start_failure";
    case PodEventKind::kDeploy:
      return "deploy";
  }
  return "unknown";
}

std::optional<std::chrono::nanoseconds> start_duration(const Pod& pod,
                                                       const ContainerStatus& container) {
  const bool is_first = container.restarts == 0 && !container.ended_before;
  if (!is_first || container.is_init || container.started == 0 || pod.sandbox == 0) return {};
  auto since = pod.sandbox;
  for (const auto& other : pod.containers) {
    if (&other == &container) continue;
    // A sidecar is an init container that goes on running.
    const auto done = other.is_init && other.ended ? other.ended->finished : other.started;
    if (done <= container.started) since = std::max(since, done);
  }
  if (since > container.started) return {};
  return std::chrono::nanoseconds(container.started - since);
}

std::vector<PodEvent> PodHistory::update(const PodList& list, UnixNanos now) {
  ++update_;
  now_ = now;
  events_.clear();
  for (const auto& pod : list.pods) {
    for (const auto& container : pod.containers) compare(pod, container);
    deploy_of(pod);
  }
  forget();
  if (update_ == 1) events_.clear();
  return std::move(events_);
}

void PodHistory::compare(const Pod& pod, const ContainerStatus& now) {
  auto& seen = containers_[pod.uid + "/" + now.name];
  seen.update = update_;
  const bool restarted = now.restarts > seen.restarts || (!seen.id.empty() && now.id != seen.id);
  if (now.ended_before) exit_of(pod, now, *now.ended_before, seen);
  if (!now.id.empty() && now.id != seen.id) {
    auto& event = add(restarted ? PodEventKind::kRestart : PodEventKind::kStart,
                      pod,
                      now.started,
                      fmt::format("{} {}",
                                  where(pod, now),
                                  restarted ? fmt::format("was started again ({})", now.restarts)
                                            : std::string("started")));
    event.container_id = now.id;
    event.id = fmt::format("{}/{}", to_string(event.kind), now.id);
    event.attributes.emplace_back("container.image.name", now.image);
    event.took = restarted ? std::nullopt : start_duration(pod, now);
    if (event.took) {
      const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*event.took).count();
      event.attributes.emplace_back("plumbline.start.seconds", std::to_string(seconds));
    }
    seen.id = now.id;
  }
  if (now.ended) exit_of(pod, now, *now.ended, seen);
  seen.restarts = now.restarts;
  const bool waits = now.waiting_reason == kCrashLoop;
  if (waits && !seen.waits) {
    auto& event = add(
        PodEventKind::kCrashLoop,
        pod,
        0,
        fmt::format("{} ends again and again; {} restarts so far", where(pod, now), now.restarts));
    event.container_id = now.id;
    event.id = fmt::format("{}/{}", to_string(event.kind), now.id);
  }
  seen.waits = waits;
  stuck_of(pod, now, seen);
}

// The kubelet tries again and again, and its reason goes to and fro: one event until it runs.
void PodHistory::stuck_of(const Pod& pod, const ContainerStatus& now, Seen& seen) {
  if (now.state == ContainerState::kRunning) seen.stuck = false;
  const bool pull = is_one_of(kPullReasons, now.waiting_reason);
  if (seen.stuck || (!pull && !is_one_of(kStartReasons, now.waiting_reason))) return;
  seen.stuck = true;
  auto& event = add(pull ? PodEventKind::kImagePull : PodEventKind::kNoStart,
                    pod,
                    0,
                    fmt::format("{} cannot start: {} ({})",
                                where(pod, now),
                                pull ? "its image does not come" : "the kubelet cannot begin it",
                                now.waiting_reason));
  event.container_id = now.id;
  event.id = fmt::format("{}/{}/{}/{}", to_string(event.kind), pod.uid, now.name, now.restarts);
  event.attributes.emplace_back("k8s.container.status.reason", now.waiting_reason);
  event.attributes.emplace_back("container.image.name", now.image);
}

void PodHistory::exit_of(const Pod& pod,
                         const ContainerStatus& container,
                         const Termination& end,
                         Seen& seen) {
  if (end.container_id.empty() || end.container_id == seen.ended_id) return;
  seen.ended_id = end.container_id;
  const bool oom = end.reason == kOomKilled;
  auto body = fmt::format("{} ended with code {}", where(pod, container), end.exit_code);
  if (end.signal != 0) body.append(fmt::format(" by signal {}", end.signal));
  if (!end.reason.empty()) body.append(fmt::format(" ({})", end.reason));
  auto& event =
      add(oom ? PodEventKind::kOomKill : PodEventKind::kExit, pod, end.finished, std::move(body));
  event.container_id = end.container_id;
  event.id = fmt::format("container.exit/{}", end.container_id);
  event.attributes.emplace_back("process.exit.code", std::to_string(end.exit_code));
  if (end.signal != 0) {
    event.attributes.emplace_back("plumbline.exit.signal", std::to_string(end.signal));
  }
  if (!end.reason.empty()) event.attributes.emplace_back("plumbline.exit.reason", end.reason);
}

// The first pod of a workload that shows another version tells; the old one's pods may still run
// beside it, so a version that goes back within the same answer is none.
void PodHistory::deploy_of(const Pod& pod) {
  const auto workload = workload_of(pod);
  if (workload.kind.empty() || workload.kind == "Job" || workload.kind == "CronJob") return;
  const auto hash = std::string(template_hash_of(pod));
  auto images = images_of(pod);
  const auto key = fmt::format("{}/{}/{}", pod.name_space, workload.kind, workload.name);
  const auto [found, added] = workloads_.try_emplace(key);
  auto& known = found->second;
  if (added) {
    known = {.hash = hash, .images = std::move(images), .update = update_, .created = pod.created};
    return;
  }
  known.update = update_;
  const bool same = hash.empty() ? known.images == images : known.hash == hash;
  if (same || pod.created < known.created) return;
  auto& event = add(PodEventKind::kDeploy,
                    pod,
                    pod.created,
                    fmt::format("{} {} of {} has a new version: {}",
                                workload.kind,
                                workload.name,
                                pod.name_space,
                                images));
  // From which to which: going back to an old version is another deploy than the one to it.
  event.id = hash.empty() ? fmt::format("deploy/{}/{}..{}", key, known.images, images)
                          : fmt::format("deploy/{}/{}..{}", key, known.hash, hash);
  event.attributes.emplace_back("plumbline.workload.name", workload.name);
  event.attributes.emplace_back("plumbline.workload.kind", workload.kind);
  if (known.images != images) {
    event.attributes.emplace_back("plumbline.deploy.images", images);
    event.attributes.emplace_back("plumbline.deploy.images_before", known.images);
  }
  if (!hash.empty()) event.attributes.emplace_back("plumbline.deploy.revision", hash);
  known = {.hash = hash, .images = std::move(images), .update = update_, .created = pod.created};
}

PodEvent& PodHistory::add(PodEventKind kind, const Pod& pod, UnixNanos time, std::string body) {
  events_.push_back({.kind = kind,
                     .time = time == 0 ? now_ : time,
                     .id = {},
                     .pod_uid = pod.uid,
                     .container_id = {},
                     .body = std::move(body),
                     .took = {},
                     .attributes = {}});
  return events_.back();
}

void PodHistory::forget() {
  std::erase_if(containers_, [this](const auto& pair) { return pair.second.update != update_; });
  while (workloads_.size() > kMaxWorkloads) {
    workloads_.erase(
        std::min_element(workloads_.begin(), workloads_.end(), [](const auto& a, const auto& b) {
          return a.second.update < b.second.update;
        }));
  }
}

}  // namespace plumbline
