// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/division/needed_topics.h"

namespace plumbline::kafka {

std::vector<bool> needed_topics(const Snapshot& snapshot) {
  std::vector<bool> needed;
  needed.reserve(snapshot.topics.size());
  for (const auto& topic : snapshot.topics) needed.push_back(snapshot.share.has_topic(topic.name));
  for (const auto& group : snapshot.groups) {
    for (const auto& commit : group.commits) needed[commit.topic] = true;
  }
  return needed;
}

}  // namespace plumbline::kafka
