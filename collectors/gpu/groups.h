// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>

namespace plumbline::gpu {

// The control group of a path in the text of /proc/PID/cgroup, of cgroup v2, else of the memory
// controller; empty when there is none.
std::string_view group_in(std::string_view text);
// When the process started, in ticks since boot, from the text of /proc/PID/stat; 0: it makes no
// sense.
std::uint64_t start_in(std::string_view text);

// Control groups of processes by pid. Each is read once in a process's life; one that has ended
// keeps the group it had until forget_old().
class ProcessGroups {
 public:
  explicit ProcessGroups(std::filesystem::path proc) : proc_(std::move(proc)) {}

  struct Group {
    std::string path;
    bool alive = false;
  };
  // nullptr: it is not to be seen and never was. Good until forget_old().
  const Group* find(unsigned pid);
  // Once after each look: forgets processes that were not asked for in it.
  void forget_old();
  std::size_t size() const { return known_.size(); }

 private:
  struct Entry {
    Group group;
    std::uint64_t start = 0;
    std::uint64_t used = 0;
  };

  std::string_view read(unsigned pid, const char* file);

  std::filesystem::path proc_;
  std::string path_;
  std::string buffer_;
  std::unordered_map<unsigned, Entry> known_;
  std::uint64_t look_ = 1;
};

}  // namespace plumbline::gpu
