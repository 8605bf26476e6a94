// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace plumbline {

// Where this machine runs, by the semantic conventions, from local files alone: no metadata service
// is asked. What a file does not tell is absent.
//
//   cloud.provider, cloud.platform    what the firmware says of itself (DMI)
//   host.type, host.id                on EC2, whose firmware tells them; host.id is then the
//                                     instance's, as the conventions want it of a cloud
//   cloud.region, cloud.availability_zone, cloud.account.id, and the above where DMI is silent
//                                     from what cloud-init wrote down when the machine started
//
// `root`: below which /sys and /run are looked for.
std::map<std::string, std::string> detect_cloud(const std::filesystem::path& root);

}  // namespace plumbline
