// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/config/config.h"
#include "agent/config/field_reader.h"
#include "agent/config/problem.h"

namespace plumbline {

// What is wrong with one section of a list, each placed where the value was written; a value
// without a place (a default, the environment) at its section.
class Findings {
 public:
  // `place` of the section: "otlp[0]"; `noun` stands where neither was written: "OTLP destination".
  Findings(std::string place,
           std::string noun,
           const Places& places,
           std::vector<Problem>& problems)
      : place_(std::move(place)), noun_(std::move(noun)), places_(places), problems_(problems) {}

  // `key` below the section: "endpoint"; empty: the section itself.
  void add(std::string_view key,
           std::string what,
           std::string expected = {},
           std::string suggestion = {});
  void warn(std::string_view key, std::string what, std::string suggestion = {});

  // Whether the key was written.
  bool has_place(std::string_view key) const;

 private:
  void tell(Problem problem, std::string_view key);

  std::string place_;
  std::string noun_;
  const Places& places_;
  std::vector<Problem>& problems_;
};

// The name of a destination is what the journal knows it by: `own` when `name` is empty, which then
// comes from the key `own_key`. Complains when it is among `names`, else adds it there.
struct DestinationName {
  const std::string& name;
  const std::string& own;
  std::string_view own_key;
};
void check_name(const DestinationName& destination,
                std::set<std::string>& names,
                Findings& findings);

void check_filter(const FilterConfig& filter, Findings& findings);

bool is_loopback(std::string_view host);

// Warns of a key that every user of the machine can read.
void check_key_mode(const std::string& file, std::string_view key, Findings& findings);

}  // namespace plumbline
