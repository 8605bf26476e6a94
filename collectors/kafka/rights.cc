// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/rights.h"

#include <fmt/format.h>

namespace plumbline::kafka {
namespace {

// The Kafka documentation, "Protocol in APIs": all of ours ask for DESCRIBE, but for these.
std::string_view operation(std::string_view api) {
  if (api == "DescribeConfigs") return "DESCRIBE_CONFIGS";
  if (api == "DescribeProducers" || api == "Fetch") return "READ";
  return "DESCRIBE";
}

}  // namespace

std::string explain(std::string_view cluster, const Refusal& refusal) {
  auto text = fmt::format("{}: {} {}", cluster, refusal.api, refusal.error);
  if (!refusal.resource.empty()) text += fmt::format(" on {}", refusal.resource);
  if (refusal.times > 1) text += fmt::format(" (and {} more)", refusal.times - 1);
  if (refusal.error.ends_with("_AUTHORIZATION_FAILED")) {
    text += fmt::format(": the agent's user needs {} on it", operation(refusal.api));
  }
  return text;
}

}  // namespace plumbline::kafka
