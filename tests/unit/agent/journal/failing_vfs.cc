// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/agent/journal/failing_vfs.h"

#include <sqlite3.h>

#include <new>

#include <fmt/format.h>

namespace plumbline {

struct FailingVfs::Hooks {
  // What SQLite sees as one open file; the real one lies behind it.
  struct File {
    sqlite3_file base;
    FailingVfs* owner;
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };

  static File* file(sqlite3_file* f) { return reinterpret_cast<File*>(f); }
  static sqlite3_file* real(sqlite3_file* f) { return file(f)->real(); }
  static sqlite3_vfs* default_vfs() { return sqlite3_vfs_find(nullptr); }
  static const sqlite3_io_methods* methods(sqlite3_file* f) { return real(f)->pMethods; }

  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* f, int flags, int* out) {
    file(f)->owner = static_cast<FailingVfs*>(vfs->pAppData);
    const int code = default_vfs()->xOpen(default_vfs(), path, file(f)->real(), flags, out);
    f->pMethods = code == SQLITE_OK ? &kMethods : nullptr;
    return code;
  }
  static int close(sqlite3_file* f) { return methods(f)->xClose(real(f)); }
  static int read(sqlite3_file* f, void* to, int bytes, sqlite3_int64 at) {
    if (const int code = file(f)->owner->fail_read) return code;
    return methods(f)->xRead(real(f), to, bytes, at);
  }
  static int write(sqlite3_file* f, const void* from, int bytes, sqlite3_int64 at) {
    auto& owner = *file(f)->owner;
    {
      const std::scoped_lock lock(owner.mutex_);
      if (owner.before_write_) owner.before_write_();
    }
    if (const int code = owner.fail_write) return code;
    if (owner.writes_left >= 0 && owner.writes_left-- <= 0) {
      if (owner.writes_left == -1) methods(f)->xWrite(real(f), from, bytes / 2, at);
      owner.writes_left = 0;
      return SQLITE_IOERR_WRITE;
    }
    return methods(f)->xWrite(real(f), from, bytes, at);
  }
  static int truncate(sqlite3_file* f, sqlite3_int64 size) {
    if (const int code = file(f)->owner->fail_write) return code;
    return methods(f)->xTruncate(real(f), size);
  }
  static int sync(sqlite3_file* f, int flags) {
    ++file(f)->owner->syncs;
    if (const int code = file(f)->owner->fail_sync) return code;
    return methods(f)->xSync(real(f), flags);
  }
  static int size(sqlite3_file* f, sqlite3_int64* out) {
    return methods(f)->xFileSize(real(f), out);
  }
  static int lock(sqlite3_file* f, int level) { return methods(f)->xLock(real(f), level); }
  static int unlock(sqlite3_file* f, int level) { return methods(f)->xUnlock(real(f), level); }
  static int reserved(sqlite3_file* f, int* out) {
    return methods(f)->xCheckReservedLock(real(f), out);
  }
  static int control(sqlite3_file* f, int op, void* argument) {
    return methods(f)->xFileControl(real(f), op, argument);
  }
  static int sector(sqlite3_file* f) { return methods(f)->xSectorSize(real(f)); }
  static int traits(sqlite3_file* f) { return methods(f)->xDeviceCharacteristics(real(f)); }
  static int shm_map(sqlite3_file* f, int page, int size, int extend, void volatile** out) {
    return methods(f)->xShmMap(real(f), page, size, extend, out);
  }
  static int shm_lock(sqlite3_file* f, int offset, int n, int flags) {
    return methods(f)->xShmLock(real(f), offset, n, flags);
  }
  static void shm_barrier(sqlite3_file* f) { methods(f)->xShmBarrier(real(f)); }
  static int shm_unmap(sqlite3_file* f, int remove) {
    return methods(f)->xShmUnmap(real(f), remove);
  }

  static const sqlite3_io_methods kMethods;
  sqlite3_vfs vfs{};
};

const sqlite3_io_methods FailingVfs::Hooks::kMethods = {
    .iVersion = 2,
    .xClose = close,
    .xRead = read,
    .xWrite = write,
    .xTruncate = truncate,
    .xSync = sync,
    .xFileSize = size,
    .xLock = lock,
    .xUnlock = unlock,
    .xCheckReservedLock = reserved,
    .xFileControl = control,
    .xSectorSize = sector,
    .xDeviceCharacteristics = traits,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

FailingVfs::FailingVfs() : name_(fmt::format("failing-{}", fmt::ptr(this))) {
  hooks_ = std::make_unique<Hooks>();
  hooks_->vfs = *Hooks::default_vfs();
  hooks_->vfs.szOsFile += static_cast<int>(sizeof(Hooks::File));
  hooks_->vfs.pNext = nullptr;
  hooks_->vfs.zName = name_.c_str();
  hooks_->vfs.pAppData = this;
  hooks_->vfs.xOpen = Hooks::open;
  sqlite3_vfs_register(&hooks_->vfs, 0);
}

FailingVfs::~FailingVfs() {
  sqlite3_vfs_unregister(&hooks_->vfs);
}

void FailingVfs::before_write(std::function<void()> call) {
  const std::scoped_lock lock(mutex_);
  before_write_ = std::move(call);
}

}  // namespace plumbline
