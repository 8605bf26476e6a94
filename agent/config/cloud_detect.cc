// SPDX-License-Identifier: Apache-2.0
#include "agent/config/cloud_detect.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>
#include <utility>

#include "agent/core/series.h"

#include <nlohmann/json.hpp>

namespace plumbline {
namespace {

using Attributes = std::map<std::string, std::string>;
using Json = nlohmann::json;

// Everybody may read it; secrets stand in another file of cloud-init.
constexpr const char* kInstanceData = "run/cloud-init/instance-data.json";
constexpr std::size_t kMaxInstanceData = 1U << 20U;  // user data is not in it
constexpr std::size_t kMaxText = 256;

struct Cloud {
  std::string_view file;  // below /sys/class/dmi/id
  std::string_view text;  // what it holds, or begins with
  std::string_view provider;
  std::string_view platform;
};

// By the vendors' documentation. A Hyper-V at home has the vendor of Azure, and not its asset tag;
// an EC2 machine on Xen says so in the version of its firmware alone.
constexpr std::array kClouds{
    Cloud{"sys_vendor", "Amazon EC2", "aws", "aws_ec2"},
    Cloud{"chassis_asset_tag", "Amazon EC2", "aws", "aws_ec2"},
    Cloud{"product_name", "Google Compute Engine", "gcp", "gcp_compute_engine"},
    Cloud{"chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77", "azure", "azure.vm"},
    Cloud{"chassis_asset_tag", "OracleCloud.com", "oracle_cloud", "oracle_cloud_compute"},
    Cloud{"sys_vendor", "Alibaba Cloud", "alibaba_cloud", "alibaba_cloud_ecs"},
    Cloud{"sys_vendor", "Tencent Cloud", "tencent_cloud", "tencent_cloud_cvm"},
};

// How cloud-init calls them.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kCloudNames{
    {{"aws", "aws"},
     {"gce", "gcp"},
     {"azure", "azure"},
     {"oracle", "oracle_cloud"},
     {"aliyun", "alibaba_cloud"}}};

// One line of printable text; empty for anything else.
std::string clean(std::string text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.pop_back();
  const bool is_clean =
      text.size() <= kMaxText && text == valid_utf8(text) &&
      std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  return is_clean ? text : std::string();
}

std::string dmi(const std::filesystem::path& root, std::string_view file) {
  std::ifstream stream(root / "sys/class/dmi/id" / file);
  std::string line;
  std::getline(stream, line);
  return clean(std::move(line));
}

void add_firmware(const std::filesystem::path& root, Attributes& attributes) {
  const auto* const cloud =
      std::find_if(kClouds.begin(), kClouds.end(), [&](const Cloud& candidate) {
        return dmi(root, candidate.file).starts_with(candidate.text);
      });
  if (cloud == kClouds.end()) return;
  attributes["cloud.provider"] = cloud->provider;
  attributes["cloud.platform"] = cloud->platform;
  if (cloud->provider != "aws") return;
  // "m7g.xlarge", and "i-" with hexadecimal digits.
  const auto type = dmi(root, "product_name");
  if (type.find('.') != std::string::npos) attributes["host.type"] = type;
  const auto id = dmi(root, "board_asset_tag");
  if (id.starts_with("i-")) attributes["host.id"] = id;
}

// The member of an object; nothing where there is none.
const Json& member(const Json& object, std::string_view key) {
  static const Json kNothing;
  if (!object.is_object()) return kNothing;
  const auto found = object.find(key);
  return found == object.end() ? kNothing : *found;
}

void add(const Json& object,
         std::string_view key,
         std::string_view attribute,
         Attributes& attributes) {
  const auto& value = member(object, key);
  if (!value.is_string()) return;
  auto text = clean(value.get<std::string>());
  if (text.empty() || text == "unknown") return;
  attributes.try_emplace(std::string(attribute), std::move(text));
}

void add_instance_data(const std::filesystem::path& root, Attributes& attributes) {
  const auto file = root / kInstanceData;
  std::error_code missing;
  const auto size = std::filesystem::file_size(file, missing);
  if (missing || size > kMaxInstanceData) return;
  std::ifstream stream(file);
  const auto json = Json::parse(stream, nullptr, /*allow_exceptions=*/false);
  const auto& common = member(json, "v1");
  const auto& name = member(common, "cloud_name");
  if (!name.is_string()) return;
  const auto* const known = std::find_if(kCloudNames.begin(), kCloudNames.end(), [&](auto& pair) {
    return pair.first == name.get_ref<const std::string&>();
  });
  if (known == kCloudNames.end()) return;
  // An image that was made of a machine may have kept another's.
  const auto provider = attributes.try_emplace("cloud.provider", known->second).first;
  if (provider->second != known->second) return;
  add(common, "region", "cloud.region", attributes);
  add(common, "availability_zone", "cloud.availability_zone", attributes);
  add(common, "instance_id", "host.id", attributes);
  const auto& source = member(json, "ds");
  add(member(source, "meta_data"), "instance_type", "host.type", attributes);
  const auto& document = member(member(member(source, "dynamic"), "instance_identity"), "document");
  add(document, "accountId", "cloud.account.id", attributes);
  add(document, "instanceType", "host.type", attributes);
}

}  // namespace

Attributes detect_cloud(const std::filesystem::path& root) {
  Attributes attributes;
  add_firmware(root, attributes);
  add_instance_data(root, attributes);
  return attributes;
}

}  // namespace plumbline
