// SPDX-License-Identifier: Apache-2.0
//
// From what brokers answer to what a snapshot keeps.
#pragma once

#include "collectors/kafka/snapshot.h"
#include "collectors/kafka/wire/groups.h"
#include "collectors/kafka/wire/metadata.h"

namespace plumbline::kafka {

TopicState to_topic(const MetadataResponse::Topic& from);
GroupKind kind_of(const ListGroupsResponse::Group& group);
void take_description(const DescribedGroups::Group& from, GroupState& to);

}  // namespace plumbline::kafka
