// SPDX-License-Identifier: Apache-2.0
#include "agent/config/resource_detect.h"

#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <utility>

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/string_generator.hpp>
#include <boost/uuid/uuid_io.hpp>

#include "agent/config/cloud_detect.h"
#include "agent/core/version.h"

namespace plumbline {
namespace {

using Attributes = std::map<std::string, std::string>;

// Semantic conventions, service.instance.id: the namespace for ids derived from stable facts.
constexpr std::string_view kInstanceNamespace = "4d63009a-8d0f-11ee-aad7-4c796ed8e320";

std::string first_line(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

// 32 hexadecimal digits; images ship with none, or with "uninitialized".
std::string machine_id(const std::filesystem::path& root) {
  for (const auto* file : {"etc/machine-id", "var/lib/dbus/machine-id"}) {
    auto id = first_line(root / file);
    const bool valid = id.size() == 32 && std::all_of(id.begin(), id.end(), [](unsigned char c) {
                         return std::isxdigit(c) != 0;
                       });
    if (valid) return id;
  }
  return {};
}

// The values of os-release(5) are quoted as for a shell.
std::string unquoted(std::string_view value) {
  const bool quoted = value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
                      value.back() == value.front();
  if (quoted) value = value.substr(1, value.size() - 2);
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\' && i + 1 < value.size()) ++i;
    out.push_back(value[i]);
  }
  return out;
}

void add_os_release(const std::filesystem::path& root, Attributes& attributes) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kKeys{
      {{"NAME", "os.name"}, {"VERSION_ID", "os.version"}, {"PRETTY_NAME", "os.description"}}};
  auto file = root / "etc/os-release";
  if (!std::filesystem::exists(file)) file = root / "usr/lib/os-release";
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    const auto equals = line.find('=');
    if (equals == std::string::npos) continue;
    for (const auto& [key, attribute] : kKeys) {
      if (std::string_view(line).substr(0, equals) != key) continue;
      attributes[std::string(attribute)] = unquoted(std::string_view(line).substr(equals + 1));
    }
  }
}

// The conventions' names of uname's machines.
std::string_view arch_of(std::string_view machine) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kNames{
      {{"x86_64", "amd64"},
       {"aarch64", "arm64"},
       {"armv7l", "arm32"},
       {"i686", "x86"},
       {"ppc64le", "ppc64"}}};
  const auto* const found = std::find_if(
      kNames.begin(), kNames.end(), [&](const auto& name) { return name.first == machine; });
  return found == kNames.end() ? machine : found->second;
}

std::string instance_id(const std::string& stable_id) {
  const auto name_space = boost::uuids::string_generator()(std::string(kInstanceNamespace));
  return to_string(boost::uuids::name_generator_sha1(name_space)(stable_id));
}

}  // namespace

Attributes detect_resource(const Config& config, const std::filesystem::path& root) {
  const std::string own_version(version());
  Attributes attributes{{"service.name", "plumbline"},
                        {"service.version", own_version},
                        {"os.type", "linux"},
                        {"telemetry.sdk.name", "plumbline"},
                        {"telemetry.sdk.language", "cpp"},
                        {"telemetry.sdk.version", own_version}};
  utsname names{};
  if (::uname(&names) == 0) {
    attributes["host.name"] = static_cast<const char*>(names.nodename);
    attributes["host.arch"] = arch_of(static_cast<const char*>(names.machine));
  }
  auto id = machine_id(root);
  if (!id.empty()) attributes["host.id"] = id;
  if (id.empty()) id = first_line(root / "proc/sys/kernel/random/boot_id");
  if (!id.empty()) attributes["service.instance.id"] = instance_id(id);
  add_os_release(root, attributes);
  for (const auto& [key, value] : detect_cloud(root)) attributes[key] = value;
  for (const auto& [key, value] : config.resource_attributes) attributes[key] = value;
  std::erase_if(attributes, [](const auto& attribute) { return attribute.second.empty(); });
  return attributes;
}

}  // namespace plumbline
