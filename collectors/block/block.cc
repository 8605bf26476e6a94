// SPDX-License-Identifier: Apache-2.0
#include "collectors/block/block.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <system_error>

#include <fmt/format.h>

#include "collectors/block/signals.h"

namespace plumbline::block {
namespace {

constexpr std::array<std::string_view, BLOCK_OPERATIONS> kOperations{
    "read", "write", "flush", "discard", "other"};

// BLK_STS_ names of include/linux/blk_types.h; beyond these the numbers changed between kernels.
constexpr std::array<std::string_view, 14> kStatuses{"OK",
                                                     "NOTSUPP",
                                                     "TIMEOUT",
                                                     "NOSPC",
                                                     "TRANSPORT",
                                                     "TARGET",
                                                     "RESV_CONFLICT",
                                                     "MEDIUM",
                                                     "PROTECTION",
                                                     "RESOURCE",
                                                     "IOERR",
                                                     "DM_REQUEUE",
                                                     "AGAIN",
                                                     "DEV_RESOURCE"};

}  // namespace

std::string_view operation_name(std::uint32_t operation) {
  return operation < kOperations.size() ? kOperations[operation] : "other";
}

std::string status_name(std::int32_t status) {
  if (status < 0) {
    const char* name = ::strerrorname_np(-status);
    return name ? name : fmt::format("errno {}", -status);
  }
  const auto at = static_cast<std::size_t>(status);
  return at < kStatuses.size() ? std::string(kStatuses[at]) : fmt::format("status {}", status);
}

const std::string& DeviceNames::of(std::uint32_t device) {
  auto& name = names_[device];
  if (!fresh_.insert(device).second) return name;
  const auto number = fmt::format("{}:{}", device >> 20U, device & 0xfffffU);
  std::error_code error;
  const auto link = std::filesystem::read_symlink(sys_ / "dev/block" / number, error);
  if (!error) {
    name = link.filename().native();
    std::ranges::replace(name, '!', '/');  // sysfs cannot have the slash of "cciss/c0d0"
  } else if (name.empty()) {
    name = number;
  }
  return name;
}

std::uint32_t RequestTotals::add(const block_key& key,
                                 const block_stats& now,
                                 std::string_view device,
                                 std::string_view group) {
  auto& seen = seen_.of(key);
  name_.clear();
  fmt::format_to(std::back_inserter(name_), "{}\n{}\n{}", device, key.operation, group);
  auto& totals = totals_.of(name_);
  if (totals.device.empty()) {
    totals.device = device;
    totals.group = group;
    totals.operation = key.operation;
  }
  const auto queued = bpf::advance(now.queue, seen.value.queue, totals.queue);
  const auto served = bpf::advance(now.device, seen.value.device, totals.device_time);
  totals.bytes += now.bytes - seen.value.bytes;
  gained_ = std::max(queued, served);  // a request whose issue time is not known has one alone
  seen.idle = gained_ > 0 || now.bytes != seen.value.bytes ? 0 : seen.idle + 1;
  seen.value.bytes = now.bytes;
  return seen.idle;
}

void RequestTotals::emit(SeriesTable& series, Batch& out) const {
  totals_.each([&](std::string_view, const Totals& totals) {
    const AttributeValue device = std::string_view(totals.device);
    const AttributeValue operation = operation_name(totals.operation);
    const AttributeValue group =
        totals.group.empty() ? AttributeValue{} : AttributeValue{std::string_view(totals.group)};
    if (totals.queue.view().count > 0) {
      out.add(series.get(kQueueDuration, {device, operation, group}), totals.queue.view());
    }
    if (totals.device_time.view().count > 0) {
      out.add(series.get(kDeviceDuration, {device, operation, group}), totals.device_time.view());
    }
    out.add(series.get(kIo, {device, operation, group}), totals.bytes);
  });
}

void RequestTotals::sweep() {
  seen_.sweep();
  totals_.sweep();
}

}  // namespace plumbline::block
