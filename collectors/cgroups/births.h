// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "agent/core/clock.h"
#include "agent/core/result.h"
#include "agent/identity/cgroups.h"

namespace plumbline {
struct CollectorContext;
}

namespace plumbline::cgroups {

// What the kernel has told so far.
struct BirthCounts {
  std::uint64_t made = 0;
  std::uint64_t removed = 0;
  std::uint64_t lost = 0;  // not told: the buffer was full
};

// Groups made and removed, from two tracepoints.
class Births : public CgroupFeed {
 public:
  // Errors: kDenied, kUnsupported: no BPF, no such tracepoint, or only a part of the hierarchy in
  // sight.
  static Result<std::shared_ptr<Births>> start(const CollectorContext& context);

  virtual BirthCounts counts() const = 0;
};

// Takes one event, as cgroups_births.bpf.c writes it, over into the index. `steady` and `wall` are
// one moment after it. What makes no sense is left out.
void take_event(std::span<const std::byte> event,
                Clock::Steady steady,
                UnixNanos wall,
                CgroupIndex& index,
                BirthCounts& counts);

}  // namespace plumbline::cgroups
