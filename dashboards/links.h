// SPDX-License-Identifier: Apache-2.0
//
// Where each board is found, for what leads to it: other boards and alerts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plumbline {

enum class BoardId : std::uint8_t {
  kSlo,
  kPipeline,
  kClickhouse,
  kKafka,
  kNode,
  kWorkloads,
  kAgent,
};

// "plumbline-slo": the same for ever, links outside lead there.
std::string_view board_uid(BoardId board);

// A text as it stands in the query of a URL.
std::string url_text(std::string_view text);

// "/d/plumbline-slo?var-slo=checkout-latency", the variables by name and value; below whatever
// address Grafana has.
std::string board_path(BoardId board,
                       const std::vector<std::pair<std::string_view, std::string>>& variables);

}  // namespace plumbline
