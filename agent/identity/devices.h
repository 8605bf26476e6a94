// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/identity/owner.h"
#include "agent/identity/pod_proto.h"

namespace plumbline {

class Identity;

// A device and the container that the kubelet gave it to.
struct DeviceHolder {
  DeviceGrant grant;
  OwnerRef owner;      // nullptr: no source of pods knows the container
  bool ended = false;  // its pod has ended: the kubelet lists it for a while, the device is free
};

// The container that holds devices of a resource ("nvidia.com/gpu"). `team` is empty when no source
// of pods knows it. Views into the table.
struct DeviceShare {
  std::string_view resource;
  std::string_view name_space;
  std::string_view pod;
  std::string_view container;
  std::string_view team;
  auto operator<=>(const DeviceShare&) const = default;
};

// Who holds which device, for what is measured of a device and not of a group. Agent thread only.
class DeviceTable {
 public:
  // All grants of this node as the kubelet told them just now, and whom `identity` knows.
  void update(std::vector<DeviceGrant> grants, const Identity& identity);

  // Holders of a device that have not ended: one, several of one that is shared, none of one that
  // is free or not known. `device` as the kubelet names it, see parse_device_id().
  std::vector<const DeviceHolder*> holders(std::string_view device) const;
  const std::vector<DeviceHolder>& all() const { return holders_; }
  // How many devices of each resource each container holds that has not ended.
  std::map<DeviceShare, std::size_t> shares() const;

 private:
  std::vector<DeviceHolder> holders_;
};

}  // namespace plumbline
