// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace plumbline {

// An SQLite VFS that fails on command, over the real one: the disk of the fault tests. Registered
// under name() as long as it lives; every file must be closed by then.
class FailingVfs {
 public:
  FailingVfs();
  ~FailingVfs();
  FailingVfs(const FailingVfs&) = delete;
  FailingVfs& operator=(const FailingVfs&) = delete;
  FailingVfs(FailingVfs&&) = delete;
  FailingVfs& operator=(FailingVfs&&) = delete;

  const std::string& name() const { return name_; }

  // SQLite result codes, 0 for none: what every such call answers instead of being made.
  std::atomic<int> fail_read{0};
  std::atomic<int> fail_write{0};
  std::atomic<int> fail_sync{0};
  // After so many more writes, the writes fail with SQLITE_IOERR_WRITE, the first of them half
  // done.
  std::atomic<int> writes_left{-1};
  // Called before every write, on the thread that writes.
  void before_write(std::function<void()> call);

  std::atomic<int> syncs{0};

  struct Hooks;

 private:
  friend struct Hooks;
  std::string name_;
  std::mutex mutex_;
  std::function<void()> before_write_;
  std::unique_ptr<Hooks> hooks_;
};

}  // namespace plumbline
