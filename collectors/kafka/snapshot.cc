// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/snapshot.h"

namespace plumbline::kafka {

std::string_view to_string(GroupKind kind) {
  switch (kind) {
    case GroupKind::kClassic:
      return "classic";
    case GroupKind::kConsumer:
      return "consumer";
    case GroupKind::kShare:
      return "share";
    case GroupKind::kStreams:
      return "streams";
  }
  return "unknown";
}

}  // namespace plumbline::kafka
