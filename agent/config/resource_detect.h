// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "agent/config/config.h"

namespace plumbline {

// Who this agent is: the resource attributes of everything it sends, by the semantic conventions.
// Found out from local files and uname(2) alone; what cannot be found out is absent. Over them
// stand config.resource_attributes, where an empty value takes one away.
//
//   service.name         plumbline
//   service.version      of this program
//   service.instance.id  the same for all agents of one machine, over restarts: UUID version 5 in
//                        OpenTelemetry's namespace for it, of the machine id; without a machine id
//                        of the boot id, and then only until the next boot
//   host.name            uname -n
//   host.id              /etc/machine-id, in a cloud the instance's, as the conventions want it
//   host.arch            amd64, arm64, …
//   os.type, os.name, os.version, os.description    linux, and /etc/os-release
//   cloud.*, host.type   see cloud_detect.h
//   telemetry.sdk.name, .language, .version         plumbline, cpp, of this program
//
// `root`: below which /etc, /proc, /run and /sys are looked for.
std::map<std::string, std::string> detect_resource(const Config& config,
                                                   const std::filesystem::path& root = "/");

}  // namespace plumbline
