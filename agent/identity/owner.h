// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "agent/identity/attribute_list.h"
#include "agent/identity/cgroup_path.h"
#include "agent/identity/pod.h"
#include "agent/identity/team.h"

namespace plumbline {

// The attribute of a series that names the group it was measured of.
inline constexpr std::string_view kGroupPathKey = "linux.cgroup.path";

// Whose a group is, as resource attributes: keys of the semantic conventions, k8s.* and
// container.*, service.* by their precedence, plumbline.team. Immutable; lives as long as anything
// that was measured of it.
struct Owner {
  GroupKind kind = GroupKind::kPlain;  // kContainer or kPod
  AttributeList attributes;            // keys unique

  // Empty when it has none.
  std::string_view attribute(std::string_view key) const { return attributes.value(key); }
};

using OwnerRef = std::shared_ptr<const Owner>;

// Those attributes that are labels on the Prometheus page: enough to select by, few enough for a
// page; container.id stands in the path of the group.
bool is_page_label(std::string_view key);

// The value of this attribute is a list in the conventions; here its only item.
bool is_list_attribute(std::string_view key);

// What the choice says of labels and annotations of its own, "k8s.pod.label.<key>".
Owner make_pod_owner(const Pod& pod, const LabelChoice& exported, const TeamRules& teams);
Owner make_container_owner(const Pod& pod,
                           const ContainerStatus& container,
                           const LabelChoice& exported,
                           const TeamRules& teams);

// From the path of a group alone, when no source knows more.
Owner make_path_owner(const GroupPath& path, const TeamRules& teams);

}  // namespace plumbline
