// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/pod.h"

#include <algorithm>
#include <array>

#include "agent/core/series.h"

namespace plumbline {
namespace {

// Read by the conventions (service.name and its like), by workload names and by deploy events.
constexpr std::array<std::string_view, 11> kOwnLabels{"app.kubernetes.io/instance",
                                                      "app.kubernetes.io/name",
                                                      "app.kubernetes.io/version",
                                                      "batch.kubernetes.io/job-name",
                                                      "controller-revision-hash",
                                                      "job-name",
                                                      "pod-template-generation",
                                                      "pod-template-hash",
                                                      "statefulset.kubernetes.io/pod-name",
                                                      "topology.kubernetes.io/region",
                                                      "topology.kubernetes.io/zone"};
constexpr std::array<std::string_view, 3> kOwnAnnotations{
    "resource.opentelemetry.io/*", "kubernetes.io/config.source", "kubernetes.io/config.hash"};

bool matches(std::string_view pattern, std::string_view key) {
  if (pattern.ends_with('*')) return key.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == key;
}

template <class Patterns>
bool any_matches(const Patterns& patterns, std::string_view key) {
  return std::any_of(patterns.begin(), patterns.end(), [&](std::string_view pattern) {
    return matches(pattern, key);
  });
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

}  // namespace

const std::string* find_label(const Labels& labels, std::string_view key) {
  const auto found = std::lower_bound(
      labels.begin(), labels.end(), key, [](const auto& label, std::string_view wanted) {
        return label.first < wanted;
      });
  return found == labels.end() || found->first != key ? nullptr : &found->second;
}

std::string clean_text(std::string_view text, std::uint64_t& mended) {
  const bool ascii = std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x80 && !is_control(c);
  });
  if (ascii && text.size() <= kMaxPodText) return std::string(text);
  // What a cut leaves of the last character is mended with the rest.
  const auto valid = valid_utf8(text.substr(0, 2 * kMaxPodText));
  std::string out;
  out.reserve(std::min(valid.size(), kMaxPodText));
  for (const char c : valid) {
    if (is_control(c)) {
      out.append(kReplacement);
    } else {
      out.push_back(c);
    }
  }
  if (out.size() > kMaxPodText) {
    auto end = kMaxPodText;
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xc0U) == 0x80) --end;
    out.resize(end);
  }
  if (out != text) ++mended;
  return out;
}

bool matches_any(std::span<const std::string> patterns, std::string_view key) {
  return any_matches(patterns, key);
}

bool LabelChoice::wants_label(std::string_view key) const {
  return any_matches(kOwnLabels, key) || any_matches(labels, key);
}

bool LabelChoice::wants_annotation(std::string_view key) const {
  return any_matches(kOwnAnnotations, key) || any_matches(annotations, key);
}

void add_label(Labels& labels, std::string_view key, std::string_view value, PodList& list) {
  if (labels.size() >= kMaxLabels) {
    ++list.left_out;
    return;
  }
  auto name = clean_text(key, list.mended);
  labels.emplace_back(std::move(name), clean_text(value, list.mended));
}

void set_condition(Pod& pod, std::string_view type, UnixNanos since) {
  if (type == "PodScheduled") pod.scheduled = since;
  if (type == "PodReadyToStartContainers") pod.sandbox = since;
  if (type == "Initialized") pod.initialized = since;
  if (type == "ContainersReady") pod.containers_ready = since;
  if (type == "Ready") pod.ready = since;
}

void set_container_id(ContainerStatus& container, std::string_view uri) {
  const auto scheme_end = uri.find("://");
  if (scheme_end == std::string_view::npos) return;
  const auto scheme = uri.substr(0, scheme_end);
  for (const auto runtime : {ContainerRuntime::kContainerd,
                             ContainerRuntime::kCriO,
                             ContainerRuntime::kDocker,
                             ContainerRuntime::kPodman}) {
    if (scheme == to_string(runtime)) container.runtime = runtime;
  }
  std::uint64_t ignored = 0;
  container.id = clean_text(uri.substr(scheme_end + 3), ignored);
}

void add_pod(Pod pod, PodList& list) {
  if (pod.uid.empty() || pod.name.empty() || list.pods.size() >= kMaxPods) {
    ++list.left_out;
    return;
  }
  for (auto* labels : {&pod.labels, &pod.annotations}) {
    std::stable_sort(labels->begin(), labels->end(), [](const auto& a, const auto& b) {
      return a.first < b.first;
    });
    labels->erase(std::unique(labels->begin(),
                              labels->end(),
                              [](const auto& a, const auto& b) { return a.first == b.first; }),
                  labels->end());
  }
  list.pods.push_back(std::move(pod));
}

}  // namespace plumbline
