// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/filesystem_collector.h"

#include <unistd.h>

#include <array>
#include <cerrno>

#include "collectors/node/filesystem.h"
#include "collectors/node/filesystem_signals.h"
#include "collectors/node/text_file.h"

namespace plumbline::node {
namespace {

// Where mounts are listed, and what to put before their paths.
struct View {
  std::string table;
  std::string root;
};

View choose_view(const std::filesystem::path& proc) {
  View first{.table = proc / "1/mountinfo", .root = proc / "1/root"};
  if (::access(first.table.c_str(), R_OK) == 0 && ::access(first.root.c_str(), X_OK) == 0) {
    return first;
  }
  return {.table = proc / "self/mountinfo", .root = {}};
}

class Filesystem final : public Collector {
 public:
  Filesystem(const CollectorContext& context, StatFilesystem stat)
      : clock_(context.clock),
        stat_(std::move(stat)),
        view_(choose_view(context.proc)),
        table_(view_.table),
        series_(boot_time(context.clock)) {}

  const CollectorInfo& info() const noexcept override { return kFilesystemInfo; }

  Result<> open() override {
    if (!table_.read(buffer_)) {
      return errno_error(table_.error(), "cannot read " + table_.path());
    }
    set_coverage({});
    return {};
  }

  std::span<const Coverage> coverage() const override { return coverage_; }

  Result<> collect(Clock::Steady deadline, Batch& out) override {
    const auto text = table_.read(buffer_);
    if (!text) return errno_error(table_.error(), "cannot read " + table_.path());
    const auto table = parse_mounts(*text);
    std::int64_t errors = 0;
    std::int64_t late = 0;
    std::string first_error;
    for (const auto& mount : table.mounts) {
      if (clock_.steady() >= deadline) {
        ++late;
        continue;
      }
      struct statvfs status {};
      if (stat_(view_.root + mount.point, status) == 0) {
        report(mount, status, out);
      } else if (errno != ENOENT) {  // unmounted meanwhile
        if (++errors == 1) first_error = errno_error(errno, "statvfs " + mount.point).what;
      }
    }
    out.add(series_.get(kFilesystemSkipped, {"error"}), errors);
    out.add(series_.get(kFilesystemSkipped, {"deadline"}), late);
    out.add(series_.get(kFilesystemSkipped, {"limit"}), table.over_limit);
    series_.sweep();
    set_coverage(first_error);
    return {};
  }

 private:
  void set_coverage(const std::string& error) {
    coverage_[0] = {
        .signal = "filesystem.space",
        .state = error.empty() ? SignalState::kAvailable : SignalState::kDegraded,
        .mechanism = view_.table + ", statvfs",
        .reason = error,
    };
  }

  void report(const Mount& mount, const struct statvfs& status, Batch& out) {
    if (status.f_blocks == 0) return;  // stores nothing
    const auto block = static_cast<double>(status.f_frsize);
    const auto limit = static_cast<double>(status.f_blocks) * block;
    const auto free = static_cast<double>(status.f_bavail) * block;
    const auto unused = static_cast<double>(status.f_bfree) * block;
    out.add(series_.get(kFilesystemLimit, {mount.device, mount.type, mount.mode, mount.point}),
            limit);
    const auto space = [&](std::string_view state, double bytes) {
      out.add(get(kFilesystemUsage, mount, state), bytes);
      out.add(get(kFilesystemUtilization, mount, state), bytes / limit);
    };
    space("used", limit - unused);
    space("free", free);
    space("reserved", unused - free);
    if (status.f_files == 0) return;  // made as they are needed
    out.add(series_.get(kFilesystemInodeLimit, {mount.device, mount.type, mount.mode, mount.point}),
            status.f_files);
    out.add(get(kFilesystemInodes, mount, "used"), status.f_files - status.f_ffree);
    out.add(get(kFilesystemInodes, mount, "free"), status.f_ffree);
  }

  const SeriesRef& get(const MetricSpec& metric, const Mount& mount, std::string_view state) {
    return series_.get(metric, {mount.device, state, mount.type, mount.mode, mount.point});
  }

  const Clock& clock_;
  StatFilesystem stat_;
  View view_;
  TextFile table_;
  ReadBuffer buffer_;
  SeriesTable series_;
  std::array<Coverage, 1> coverage_;
};

}  // namespace

std::unique_ptr<Collector> make_filesystem(const CollectorContext& context) {
  return make_filesystem_with(context, [](const std::string& path, struct statvfs& out) {
    return ::statvfs(path.c_str(), &out);
  });
}

std::unique_ptr<Collector> make_filesystem_with(const CollectorContext& context,
                                                StatFilesystem stat) {
  return std::make_unique<Filesystem>(context, std::move(stat));
}

}  // namespace plumbline::node
