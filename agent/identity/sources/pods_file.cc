// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/sources/pods_file.h"

#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "agent/config/yaml.h"
#include "agent/http/watched.h"

namespace plumbline {
namespace {

using Kind = YamlValue::Kind;

// Walks the document and keeps the first thing that is wrong.
class Reader {
 public:
  Reader(std::string_view file, const LabelChoice& choice) : file_(file), choice_(choice) {}

  Result<PodList> read(const YamlValue& root) {
    PodList list;
    if (root.kind == Kind::kNull) return list;
    for (const auto& entry : map(root)) {
      if (entry.key.text != "pods") complain(entry.key, "unknown key, expected pods");
      for (const auto& item : items(entry.value)) take_pod(item, list);
    }
    if (problem_.empty()) return list;
    return Error{.code = Errc::kMalformed, .what = problem_};
  }

 private:
  void complain(const YamlValue& at, std::string_view what) {
    if (!problem_.empty()) return;
    problem_ = fmt::format("{}:{}:{}: {}", file_, at.at.line, at.at.column, what);
  }

  const std::vector<YamlEntry>& map(const YamlValue& value) {
    if (value.kind != Kind::kMap) complain(value, "expected names with values");
    return value.entries;
  }
  const std::vector<YamlValue>& items(const YamlValue& value) {
    if (value.kind != Kind::kList) complain(value, "expected a list");
    return value.items;
  }
  std::string text(const YamlValue& value, PodList& list) {
    if (value.kind != Kind::kScalar) complain(value, "expected a text");
    return clean_text(value.text, list.mended);
  }

  void take_pod(const YamlValue& item, PodList& list) {
    Pod pod;
    pod.phase = "Running";
    for (const auto& [key, value] : map(item)) {
      if (key.text == "uid") {
        pod.uid = text(value, list);
      } else if (key.text == "namespace") {
        pod.name_space = text(value, list);
      } else if (key.text == "name") {
        pod.name = text(value, list);
      } else if (key.text == "node") {
        pod.node = text(value, list);
      } else if (key.text == "labels") {
        for (const auto& label : map(value)) {
          if (!choice_.wants_label(label.key.text)) continue;
          add_label(pod.labels, label.key.text, text(label.value, list), list);
        }
      } else if (key.text == "containers") {
        for (const auto& container : items(value)) take_container(container, pod, list);
      } else {
        complain(key, "unknown key, expected uid, namespace, name, node, labels or containers");
      }
    }
    if (pod.uid.empty() || pod.name.empty()) complain(item, "a pod needs uid and name");
    add_pod(std::move(pod), list);
  }

  void take_container(const YamlValue& item, Pod& pod, PodList& list) {
    ContainerStatus container;
    container.state = ContainerState::kRunning;
    container.ready = true;
    for (const auto& [key, value] : map(item)) {
      if (key.text == "name") {
        container.name = text(value, list);
      } else if (key.text == "id") {
        container.id = text(value, list);
      } else if (key.text == "image") {
        container.image = text(value, list);
      } else {
        complain(key, "unknown key, expected name, id or image");
      }
    }
    if (container.name.empty()) complain(item, "a container needs a name");
    pod.containers.push_back(std::move(container));
  }

  std::string_view file_;
  const LabelChoice& choice_;
  std::string problem_;
};

}  // namespace

Result<PodList> parse_pods_file(const std::string& text,
                                const std::string& name,
                                const LabelChoice& choice) {
  const auto source = std::make_shared<const Source>(
      Source{.kind = Source::Kind::kFile, .name = name, .text = text});
  std::vector<Problem> problems;
  const auto root = parse_yaml(source, problems);
  if (has_errors(problems)) {
    return Error{.code = Errc::kMalformed,
                 .what = fmt::format("{}: {}", location(problems.front()), problems.front().what)};
  }
  return Reader(name, choice).read(root);
}

boost::asio::awaitable<Result<PodList>> PodsFileSource::list(Deadline /*deadline*/) {
  const auto text = read_small_file(path_);
  if (!text) co_return text.error();
  co_return parse_pods_file(*text, path_, choice_);
}

}  // namespace plumbline
