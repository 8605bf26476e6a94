// SPDX-License-Identifier: Apache-2.0
//
// Objectives as OpenSLO v1, Sloth and Pyrra write them, read as manifests of kind Service. What
// cannot be said here is refused where it stands; it is never left out in silence.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/config/problem.h"
#include "agent/config/yaml.h"

namespace plumbline {

class Importer {
 public:
  // `documents` of one file, which may refer to one another; they outlive the importer.
  Importer(std::shared_ptr<const Source> source,
           const std::vector<YamlValue>& documents,
           std::vector<Problem>& problems)
      : source_(std::move(source)), documents_(documents), problems_(problems) {}

  static bool is_foreign(const YamlValue& document);

  // The manifest it comes to, as if it had been written, with the places of what it was made of.
  // nullopt: it is none by itself, or was refused.
  std::optional<YamlValue> manifest_of(const YamlValue& document);

 private:
  // sloth.cc
  std::optional<YamlValue> sloth(const YamlValue& document, bool is_resource);
  std::optional<YamlValue> sloth_slo(const YamlValue& slo, bool is_resource);
  // pyrra.cc
  std::optional<YamlValue> pyrra(const YamlValue& document);
  bool pyrra_indicator(const YamlValue& spec, YamlValue& slo);
  // openslo.cc
  std::optional<YamlValue> openslo(const YamlValue& document);
  std::optional<YamlValue> openslo_slo(const YamlValue& document, const YamlValue& objective);
  const YamlValue* openslo_indicator(const YamlValue& spec);
  bool openslo_window(const YamlValue& spec, YamlValue& slo);
  bool openslo_ratio(const YamlValue& ratio, YamlValue& slo);
  bool openslo_threshold(const YamlValue& query, const YamlValue& objective, YamlValue& slo);
  bool openslo_slices(const YamlValue& spec, const YamlValue& objective, YamlValue& slo);

  void refuse(const YamlValue& at, std::string what, std::string expected = {});
  void leave_out(const YamlValue& at, std::string_view what);
  // Puts the query below `key`, counting within $window. False: it counts nothing.
  bool put_query(YamlValue& slo, std::string_view key, const YamlValue& query);

  std::shared_ptr<const Source> source_;
  const std::vector<YamlValue>& documents_;
  std::vector<Problem>& problems_;
};

// "Checkout API" → "checkout-api": what a manifest may be called.
std::string manifest_name(std::string_view text);

// A query that counts within $window, made of one that tells a rate, a count or a counter over a
// window of its own or over another program's placeholder. nullopt: it does not count.
std::optional<std::string> counting_query(std::string query);

// A Service of that name, with nothing in it.
YamlValue service_manifest(const YamlValue& name);

}  // namespace plumbline
