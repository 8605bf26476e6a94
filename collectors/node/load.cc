// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/load.h"

#include <dirent.h>
#include <sys/stat.h>

#include <cmath>
#include <string>

#include "collectors/node/kernel_signals.h"

namespace plumbline::node {
namespace {

// How many processes there are without walking over them: the link count of /proc is two, plus
// one for each directory that is not a process, plus one for each process.
class ProcessCount {
 public:
  explicit ProcessCount(std::string proc) : proc_(std::move(proc)) {}

  double read() {
    if (uses_++ % kRecount == 0) others_ = count_others();
    struct stat status {};
    if (::stat(proc_.c_str(), &status) != 0) return kAbsent;
    const auto processes = static_cast<double>(status.st_nlink) - 2 - others_;
    return processes > 0 ? processes : kAbsent;
  }

 private:
  // In reads: modules that are loaded later may add a directory.
  static constexpr std::uint64_t kRecount = 60;

  double count_others() const {
    auto* const directory = ::opendir(proc_.c_str());
    if (directory == nullptr) return kAbsent;
    double others = 0;
    while (const auto* entry = ::readdir(directory)) {
      const std::string_view name(entry->d_name);
      if (entry->d_type == DT_DIR && !to_int(name) && name != "." && name != "..") ++others;
    }
    ::closedir(directory);
    return others;
  }

  std::string proc_;
  std::uint64_t uses_ = 0;
  double others_ = kAbsent;
};

class Load final : public Topic {
 public:
  explicit Load(const std::filesystem::path& proc)
      : Topic("node.load"),
        loadavg_(file(proc / "loadavg")),
        uptime_(file(proc / "uptime")),
        pid_max_(file(proc / "sys/kernel/pid_max")),
        threads_max_(file(proc / "sys/kernel/threads-max")),
        processes_(proc) {}

  void collect(Tick& tick) override {
    if (const auto text = loadavg_.read(tick.buffer)) {
      const auto load = parse_loadavg(*text);
      tick.out.add(tick.series.get(kLoad1), load.one);
      tick.out.add(tick.series.get(kLoad5), load.five);
      tick.out.add(tick.series.get(kLoad15), load.fifteen);
      tick.out.add(tick.series.get(kThreads), load.threads);
    }
    tick.out.add(tick.series.get(kUptime), first_number(uptime_, tick));
    tick.out.add(tick.series.get(kProcesses), processes_.read());
    const auto pids = first_number(pid_max_, tick);
    const auto threads = first_number(threads_max_, tick);
    tick.out.add(tick.series.get(kProcessLimit), std::fmin(pids, threads));
  }

 private:
  static double first_number(TextFile& file, Tick& tick) {
    auto text = file.read(tick.buffer);
    return text ? take_number(*text) : kAbsent;
  }

  TextFile& loadavg_;
  TextFile& uptime_;
  TextFile& pid_max_;
  TextFile& threads_max_;
  ProcessCount processes_;
};

}  // namespace

LoadAverage parse_loadavg(std::string_view text) {
  LoadAverage out;
  out.one = take_number(text);
  out.five = take_number(text);
  out.fifteen = take_number(text);
  auto threads = take_word(text);
  take_until(threads, '/');  // those that can run
  out.threads = to_number(threads);
  return out;
}

std::unique_ptr<Topic> make_load(const std::filesystem::path& proc) {
  return std::make_unique<Load>(proc);
}

}  // namespace plumbline::node
