// SPDX-License-Identifier: Apache-2.0
#include "dashboards/links.h"

#include <fmt/format.h>

namespace plumbline {

std::string_view board_uid(BoardId board) {
  switch (board) {
    case BoardId::kSlo:
      return "plumbline-slo";
    case BoardId::kPipeline:
      return "plumbline-pipeline";
    case BoardId::kClickhouse:
      return "plumbline-clickhouse";
    case BoardId::kKafka:
      return "plumbline-kafka";
    case BoardId::kNode:
      return "plumbline-node";
    case BoardId::kWorkloads:
      return "plumbline-workloads";
    case BoardId::kAgent:
      return "plumbline-agent";
  }
  return "plumbline-slo";
}

std::string url_text(std::string_view text) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string board_path(BoardId board,
                       const std::vector<std::pair<std::string_view, std::string>>& variables) {
  auto path = fmt::format("/d/{}", board_uid(board));
  char separator = '?';
  for (const auto& [name, value] : variables) {
    path += fmt::format("{}var-{}={}", separator, name, url_text(value));
    separator = '&';
  }
  return path;
}

}  // namespace plumbline
