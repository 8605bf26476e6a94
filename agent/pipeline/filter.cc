// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/filter.h"

#include <fnmatch.h>

#include <algorithm>

#include <protozero/exception.hpp>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

#include "agent/pipeline/split.h"

namespace plumbline {
namespace {

using protozero::data_view;
using protozero::pbf_reader;
using protozero::pbf_wire_type;
using protozero::pbf_writer;

bool matches(const std::string& pattern, const std::string& text) {
  return ::fnmatch(pattern.c_str(), text.c_str(), FNM_NOESCAPE) == 0;
}

bool matches_any(const std::vector<std::string>& patterns, const std::string& text) {
  return std::ranges::any_of(patterns, [&](const auto& pattern) { return matches(pattern, text); });
}

// KeyValue: key 1, value 2; AnyValue: string_value 1 (opentelemetry/proto/common/v1).
bool matches_attribute(const FilterRules& rules, data_view key_value, std::size_t& matched) {
  pbf_reader reader(key_value);
  std::string key;
  while (reader.next()) {
    if (reader.tag() == 1 && reader.wire_type() == pbf_wire_type::length_delimited) {
      key = reader.get_string();
    } else if (reader.tag() == 2 && reader.wire_type() == pbf_wire_type::length_delimited) {
      const auto rule = rules.resource.find(key);
      pbf_reader value(reader.get_view());
      if (rule == rules.resource.end()) continue;
      if (!value.next(1, pbf_wire_type::length_delimited)) return false;
      if (!matches(rule->second, value.get_string())) return false;
      ++matched;
    } else {
      reader.skip();
    }
  }
  return true;
}

// Resource: attributes 1.
bool matches_resource(const FilterRules& rules, data_view resource) {
  pbf_reader reader(resource);
  std::size_t matched = 0;
  while (reader.next(1, pbf_wire_type::length_delimited)) {
    if (!matches_attribute(rules, reader.get_view(), matched)) return false;
  }
  return matched == rules.resource.size();
}

bool passes_metric(const FilterRules& rules, data_view metric) {
  pbf_reader reader(metric);
  const auto name =
      reader.next(1, pbf_wire_type::length_delimited) ? reader.get_string() : std::string();
  return (rules.include.empty() || matches_any(rules.include, name)) &&
         !matches_any(rules.exclude, name);
}

// One field of type message, copied as it is.
void copy_message(pbf_reader& from, pbf_writer& to) {
  const auto tag = from.tag();
  const auto view = from.get_view();
  to.add_bytes(tag, view.data(), view.size());
}

// ScopeMetrics: scope 1, metrics 2, schema_url 3. False when no metric is left.
bool copy_scope(const FilterRules& rules, data_view scope, std::string& out) {
  pbf_reader reader(scope);
  pbf_writer writer(out);
  bool any = false;
  while (reader.next()) {
    if (reader.wire_type() != pbf_wire_type::length_delimited) {
      reader.skip();
      continue;
    }
    if (reader.tag() == 2) {
      if (!passes_metric(rules, pbf_reader(reader).get_view())) {
        reader.skip();
        continue;
      }
      any = true;
    }
    copy_message(reader, writer);
  }
  return any;
}

// ResourceMetrics, ResourceSpans, ResourceLogs: resource 1, scopes 2, schema_url 3. False when
// nothing is left.
bool copy_resource(const FilterRules& rules, Signal signal, data_view group, std::string& out) {
  if (!rules.resource.empty()) {
    pbf_reader reader(group);
    const bool known = reader.next(1, pbf_wire_type::length_delimited);
    if (!known || !matches_resource(rules, reader.get_view())) return false;
  }
  const bool by_name =
      signal == Signal::kMetrics && !(rules.include.empty() && rules.exclude.empty());
  pbf_reader reader(group);
  pbf_writer writer(out);
  bool any = false;
  while (reader.next()) {
    if (reader.wire_type() != pbf_wire_type::length_delimited) {
      reader.skip();
      continue;
    }
    if (reader.tag() != 2 || !by_name) {
      any = any || reader.tag() == 2;
      copy_message(reader, writer);
      continue;
    }
    std::string scope;
    if (!copy_scope(rules, reader.get_view(), scope)) continue;
    any = true;
    writer.add_bytes(2, scope);
  }
  return any;
}

}  // namespace

FilterOutcome filter_request(const FilterRules& rules,
                             Signal signal,
                             std::string_view request,
                             std::uint64_t items,
                             std::string& out) try {
  if (!rules.signals[static_cast<std::size_t>(signal)]) return {.held_back = items};
  std::string kept;
  pbf_writer writer(kept);
  pbf_reader reader(request.data(), request.size());
  while (reader.next(1, pbf_wire_type::length_delimited)) {
    std::string group;
    if (copy_resource(rules, signal, reader.get_view(), group)) writer.add_bytes(1, group);
  }
  const auto counted = count_items(signal, kept);
  const auto passed = counted ? *counted : items;
  out += kept;
  return {.passed = passed, .held_back = items - std::min(items, passed)};
} catch (const protozero::exception&) {
  out += request;
  return {.passed = items};
}

}  // namespace plumbline
