// SPDX-License-Identifier: Apache-2.0
#include "collectors/cgroups/births.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "collectors/bpf/group_slots.h"
#include "collectors/bpf/hooks.h"
#include "collectors/bpf/object.h"
#include "collectors/cgroups/cgroups_events.h"
#include "collectors/collector.h"

#include "bpf/cgroups_births.skel.h"

namespace plumbline::cgroups {
namespace {

using Object = bpf::Object<cgroups_births>;

// The inode of the root of every cgroup hierarchy; what is mounted of a part of one has another.
constexpr ino_t kRootInode = 1;

struct FreeRing {
  void operator()(ring_buffer* ring) const { ring_buffer__free(ring); }
};
using Ring = std::unique_ptr<ring_buffer, FreeRing>;

class KernelBirths final : public Births {
 public:
  KernelBirths(const Clock& clock, Object object) : clock_(clock), object_(std::move(object)) {}

  Result<> open_ring() {
    ring_.reset(ring_buffer__new(bpf_map__fd(object_->maps.cgroup_events), &take, this, nullptr));
    if (!ring_) return errno_error(errno, "cannot read the groups that are made and removed");
    return {};
  }

  void read(CgroupIndex& index) override {
    index_ = &index;
    steady_ = clock_.steady();
    wall_ = clock_.wall();
    ring_buffer__consume(ring_.get());
  }

  BirthCounts counts() const override {
    auto counts = counts_;
    counts.lost = object_->bss->cgroup_events_lost;
    return counts;
  }

 private:
  static int take(void* self, void* data, std::size_t size) {
    auto& births = *static_cast<KernelBirths*>(self);
    take_event({static_cast<const std::byte*>(data), size},
               births.steady_,
               births.wall_,
               *births.index_,
               births.counts_);
    return 0;
  }

  const Clock& clock_;
  Object object_;
  Ring ring_;
  BirthCounts counts_;
  CgroupIndex* index_ = nullptr;  // while read() runs
  Clock::Steady steady_{};
  UnixNanos wall_ = 0;
};

}  // namespace

Result<std::shared_ptr<Births>> Births::start(const CollectorContext& context) {
  const auto& root = context.cgroups.root();
  struct stat status {};
  if (root.empty() || ::stat(root.c_str(), &status) != 0) {
    return Error{.code = Errc::kUnsupported, .what = "no cgroup hierarchy is mounted"};
  }
  if (status.st_ino != kRootInode) {
    return Error{.code = Errc::kUnsupported,
                 .what = root.string() +
                         " is only a part of the hierarchy; mount the host's /sys/fs/cgroup"};
  }
  const bpf::Hooks hooks(context);
  auto object = Object::open(hooks);
  if (!object) return object.error();
  (*object)->rodata->group_hierarchy = bpf::group_hierarchy(context.cgroups);
  TRY(object->start());
  auto births = std::make_shared<KernelBirths>(context.clock, *std::move(object));
  TRY(births->open_ring());
  return births;
}

void take_event(std::span<const std::byte> bytes,
                Clock::Steady steady,
                UnixNanos wall,
                CgroupIndex& index,
                BirthCounts& counts) {
  constexpr auto kHead = offsetof(cgroup_event, path);
  if (bytes.size() < kHead) return;
  cgroup_event event{};
  std::memcpy(&event, bytes.data(), std::min(bytes.size(), sizeof(event)));
  if (event.length > bytes.size() - kHead || event.length >= CGROUP_PATH_BYTES) return;
  if (event.kind == CGROUP_REMOVED) {
    ++counts.removed;
    index.removed(event.id);
    return;
  }
  if (event.kind != CGROUP_MADE) return;
  ++counts.made;
  // Cut short it would be the name of another group; the walk has the whole.
  if (event.length + 1 == CGROUP_PATH_BYTES) return;
  const auto now = static_cast<std::uint64_t>(steady.time_since_epoch().count());
  const auto age = now > event.time_ns ? now - event.time_ns : 0;
  index.made(event.id, {event.path, event.length}, wall > age ? wall - age : wall);
}

}  // namespace plumbline::cgroups
