// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "agent/config/yaml.h"

namespace plumbline {

// The first entry of that key; nullptr when there is none.
const YamlEntry* yaml_entry(const YamlValue& map, std::string_view key);

// What stands at "spec.indicator.ratio", through sections only; nullptr when nothing does.
const YamlValue* yaml_at(const YamlValue& root, std::string_view path);

// The text of the scalar there; empty when there is none.
std::string yaml_text(const YamlValue& root, std::string_view path);

// Puts `value` at a path, making the sections around it.
void put_yaml(YamlValue& root, std::string_view path, YamlValue value);

// A scalar that stands where `like` stood.
YamlValue yaml_scalar(const YamlValue& like, std::string text);

}  // namespace plumbline
