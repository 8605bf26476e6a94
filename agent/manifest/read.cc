// SPDX-License-Identifier: Apache-2.0
#include "agent/manifest/read.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agent/config/suggest.h"
#include "agent/config/text_file.h"
#include "agent/config/value.h"
#include "agent/manifest/checks.h"
#include "agent/manifest/fields.h"
#include "agent/manifest/import.h"
#include "agent/manifest/yaml_path.h"

namespace plumbline {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kVersionKey = "apiVersion";
constexpr std::string_view kKindKey = "kind";
constexpr std::size_t kMaxSlos = 100;  // each has its rules; who has more has several things

std::vector<std::string> kind_names() {
  std::vector<std::string> names;
  for (const auto& kind : manifest_kinds()) names.emplace_back(kind.name);
  return names;
}

std::string last_part(std::string_view key) {
  return std::string(key.substr(key.rfind('.') + 1));
}

// The nearest key of the kind by its last part: "topic" → "spec.source.topic".
std::string nearest_key(const PlatformManifest& manifest, std::string_view word) {
  const auto values = manifest_values(manifest);
  std::vector<std::string> last_parts;
  last_parts.reserve(values.size());
  for (const auto& value : values) last_parts.push_back(last_part(value.key));
  const auto found = closest(word, last_parts);
  if (found.empty()) return {};
  const auto index = std::ranges::find(last_parts, found) - last_parts.begin();
  return values[static_cast<std::size_t>(index)].key;
}

class DocumentReader {
 public:
  DocumentReader(const std::shared_ptr<const Source>& source, std::vector<Problem>& problems)
      : fields_(places_, problems) {
    fields_.set_source(source);
  }

  // nullopt: it is of no kind that is known, and that was told.
  std::optional<PlatformManifest> read(const YamlValue& root) {
    if (root.kind != YamlValue::Kind::kMap) {
      fields_.complain(root,
                       fmt::format("the document holds {}", to_string(root.kind)),
                       "a manifest with apiVersion, kind, metadata and spec");
      return std::nullopt;
    }
    check_version(root);
    const auto* kind = kind_of_document(root);
    if (kind == nullptr) return std::nullopt;
    auto manifest = default_manifest(*kind);
    manifest.file = fields_.source()->name;
    fields_.remember("manifest", root);
    auto slos = std::vector<SloSpec>();
    std::visit([&](auto& one) { read_as(fields_of(one), one, slos, manifest, root); },
               manifest.kind);
    manifest.common().slos = std::move(slos);
    manifest.places = std::move(places_);
    return manifest;
  }

 private:
  template <class Kind>
  void read_as(std::span<const Field<Kind>> fields,
               Kind& owner,
               std::vector<SloSpec>& slos,
               const PlatformManifest& manifest,
               const YamlValue& root) {
    const Extras header{.keys = {std::string(kVersionKey), std::string(kKindKey)},
                        .take =
                            [&](const YamlEntry& entry, const std::string& key) {
                              if (key == kSlosKey) read_slos(entry, slos);
                              return key == kSlosKey || key == kVersionKey || key == kKindKey;
                            },
                        .nearest =
                            [&](std::string_view word) {
                              return closest(word, {{last_part(kSlosKey)}}).empty()
                                         ? nearest_key(manifest, word)
                                         : std::string(kSlosKey);
                            }};
    fields_.read_section(Scope<Kind>{fields, owner, "manifest."}, root, "", header);
  }

  void read_slos(const YamlEntry& entry, std::vector<SloSpec>& slos) {
    constexpr std::string_view kExpected = "a list such as [{name: a, bad: …, total: …}]";
    if (!fields_.expect(YamlValue::Kind::kList, entry, kExpected)) return;
    if (entry.value.items.size() > kMaxSlos) {
      fields_.complain(entry.key,
                       fmt::format("{} objectives are too many", entry.value.items.size()),
                       fmt::format("at most {} in a manifest", kMaxSlos));
      return;
    }
    const Extras none{.nearest = [](std::string_view /*word*/) { return std::string(); }};
    for (const auto& item : entry.value.items) {
      if (item.kind != YamlValue::Kind::kMap) {
        fields_.complain(
            item, fmt::format("the list holds {}", to_string(item.kind)), std::string(kExpected));
        continue;
      }
      auto& slo = slos.emplace_back();
      const auto place = fmt::format("manifest.{}[{}]", kSlosKey, slos.size() - 1);
      fields_.remember(place, item);
      fields_.read_section(Scope<SloSpec>{slo_fields(), slo, place + "."}, item, "", none);
    }
  }

  void check_version(const YamlValue& root) {
    const auto* version = yaml_entry(root, kVersionKey);
    if (version == nullptr) {
      fields_.complain(
          root, "apiVersion is missing", fmt::format("{}: {}", kVersionKey, kManifestVersion));
    } else if (version->value.text != kManifestVersion) {
      fields_.complain(version->value,
                       fmt::format("{} is not known here", in_quotes(version->value.text)),
                       {},
                       std::string(kManifestVersion));
    }
  }

  const ManifestKind* kind_of_document(const YamlValue& root) {
    const auto names = kind_names();
    const auto* entry = yaml_entry(root, kKindKey);
    const auto expected = fmt::format("one of {}", fmt::join(names, ", "));
    if (entry == nullptr) {
      fields_.complain(root, "kind is missing", expected);
      return nullptr;
    }
    const auto kinds = manifest_kinds();
    const auto found = std::ranges::find(kinds, entry->value.text, &ManifestKind::name);
    if (found != kinds.end()) return &*found;
    fields_.complain(entry->value,
                     fmt::format("there is no kind {}", in_quotes(entry->value.text)),
                     expected,
                     closest(entry->value.text, names));
    return nullptr;
  }

  Places places_;
  FieldReader fields_;
};

bool is_manifest_file(const fs::path& path) {
  return path.extension() == ".yaml" || path.extension() == ".yml";
}

void add_problem(const std::string& name, std::string what, std::vector<Problem>& problems) {
  problems.push_back(
      {.source = std::make_shared<const Source>(Source{Source::Kind::kFile, name, ""}),
       .what = std::move(what)});
}

// `path` itself, or what is below it.
std::vector<std::string> files_of(const std::string& path, std::vector<Problem>& problems) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return {path};
  std::vector<std::string> files;
  auto next = fs::recursive_directory_iterator(path, error);
  for (; !error && next != fs::recursive_directory_iterator(); next.increment(error)) {
    if (is_manifest_file(next->path())) files.push_back(next->path().string());
  }
  if (error) add_problem(path, "cannot read the folder: " + error.message(), problems);
  if (files.empty() && !error) add_problem(path, "the folder has no *.yaml", problems);
  std::ranges::sort(files);
  return files;
}

}  // namespace

namespace {

// The objectives of `from` behind those of `into`, with their places.
void merge(PlatformManifest& into, PlatformManifest from) {
  auto& slos = into.common().slos;
  const auto prefix = fmt::format("manifest.{}[", kSlosKey);
  for (auto& [key, place] : from.places) {
    if (!key.starts_with(prefix)) continue;
    const auto close = key.find(']');
    const auto index = std::stoul(key.substr(prefix.size(), close - prefix.size()));
    into.places[fmt::format("{}{}{}", prefix, index + slos.size(), key.substr(close))] = place;
  }
  std::ranges::move(from.common().slos, std::back_inserter(slos));
}

void read_one(const std::shared_ptr<const Source>& source,
              const YamlValue& document,
              bool is_imported,
              LoadedManifests& loaded) {
  auto manifest = DocumentReader(source, loaded.problems).read(document);
  if (!manifest) return;
  manifest->is_imported = is_imported;
  // Other programs have a document for each objective of a service.
  if (is_imported) {
    const auto [same, fresh] =
        loaded.imported.emplace(manifest->common().name, loaded.manifests.size());
    if (!fresh) {
      merge(loaded.manifests[same->second], *std::move(manifest));
      return;
    }
  }
  loaded.manifests.push_back(*std::move(manifest));
}

void read_documents(const std::shared_ptr<const Source>& source, LoadedManifests& loaded) {
  const auto documents = parse_yaml_documents(source, loaded.problems);
  Importer importer(source, documents, loaded.problems);
  for (const auto& document : documents) {
    if (document.kind == YamlValue::Kind::kNull) continue;
    if (!Importer::is_foreign(document)) {
      read_one(source, document, false, loaded);
    } else if (const auto read = importer.manifest_of(document)) {
      read_one(source, *read, true, loaded);
    }
  }
}

}  // namespace

void read_manifests(const std::shared_ptr<const Source>& source, LoadedManifests& loaded) {
  const auto before = loaded.manifests.size();
  read_documents(source, loaded);
  for (auto i = before; i < loaded.manifests.size(); ++i) {
    check_manifest(loaded.manifests[i], loaded.problems);
  }
}

LoadedManifests load_manifests(const std::vector<std::string>& paths) {
  LoadedManifests loaded;
  std::vector<std::string> files;
  for (const auto& path : paths)
    std::ranges::move(files_of(path, loaded.problems), std::back_inserter(files));
  for (const auto& file : files) {
    auto text = read_text_file(file);
    const auto of_file = [&file](std::string content) {
      return std::make_shared<const Source>(Source{Source::Kind::kFile, file, std::move(content)});
    };
    if (text) {
      read_documents(of_file(*std::move(text)), loaded);
    } else {
      loaded.problems.push_back({.source = of_file({}), .what = text.error().what});
    }
  }
  for (const auto& manifest : loaded.manifests) check_manifest(manifest, loaded.problems);
  check_together(loaded.manifests, loaded.problems);
  std::ranges::stable_sort(loaded.manifests, {}, [](const PlatformManifest& manifest) {
    return manifest.common().name;
  });
  sort_problems(loaded.problems);
  return loaded;
}

}  // namespace plumbline
