// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/device_id.h"

#include <algorithm>
#include <charconv>

namespace plumbline {
namespace {

// All of `text` as a number.
std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || problem != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

// 8-4-4-4-12 hexadecimal digits.
bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

bool is_gpu_uuid(std::string_view text) {
  return text.starts_with("GPU-") && is_uuid(text.substr(4));
}

// Takes "<separator><word><number>" off the end: "/vgpu1", "::2".
std::optional<std::uint32_t> take_tail(std::string_view& text, std::string_view mark) {
  const auto at = text.rfind(mark);
  if (at == std::string_view::npos || at == 0) return {};
  const auto value = number(text.substr(at + mark.size()));
  if (value) text = text.substr(0, at);
  return value;
}

// The Dynamic Resource Allocation driver's names: "gpu-0", "gpu-0-mig-…".
bool read_dra_name(std::string_view text, DeviceId& out) {
  constexpr std::string_view kPrefix = "gpu-";
  if (!text.starts_with(kPrefix)) return false;
  const auto mig = text.find("-mig-", kPrefix.size());
  const auto card = text.substr(0, mig);
  if (!number(card.substr(kPrefix.size()))) return false;
  out.gpu = card;
  if (mig != std::string_view::npos) out.mig = text;
  return true;
}

bool read_mig(std::string_view text, DeviceId& out) {
  if (!text.starts_with("MIG-")) return false;
  if (is_uuid(text.substr(4))) {
    out.mig = text;
    return true;
  }
  auto rest = text.substr(4);
  out.compute_instance = take_tail(rest, "/");
  out.gpu_instance = take_tail(rest, "/");
  if (!out.compute_instance || !out.gpu_instance || !is_gpu_uuid(rest)) return false;
  out.gpu = rest;
  out.mig = text;
  return true;
}

}  // namespace

std::optional<DeviceId> parse_device_id(std::string_view text) {
  if (const auto equals = text.find('='); equals != std::string_view::npos) {
    const auto kind = text.substr(0, equals);
    if (std::count(kind.begin(), kind.end(), '/') != 1) return {};
    text.remove_prefix(equals + 1);
  }
  DeviceId out;
  out.replica = take_tail(text, "::");
  if (!out.replica) out.replica = take_tail(text, "/vgpu");
  if (is_gpu_uuid(text)) {
    out.gpu = text;
    return out;
  }
  if (text.starts_with("nvidia")) {
    out.gpu_instance = take_tail(text, "/gi");
    if (!number(text.substr(6))) return {};
    out.gpu = text;
    return out;
  }
  if (read_mig(text, out) || read_dra_name(text, out)) return out;
  return {};
}

}  // namespace plumbline
