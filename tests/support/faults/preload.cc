// SPDX-License-Identifier: Apache-2.0
//
// Loaded before libc (LD_PRELOAD), this makes a disk fail or a clock step under a program while it
// runs. PLUMBLINE_FAULTS names a file with a Control, which the test writes; faults of the disk
// meet files whose path begins with PLUMBLINE_FAULT_PATH.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace {

struct Control {
  std::int64_t clock_offset_ns;  // added to CLOCK_REALTIME
  std::int64_t suspended_ns;     // added to CLOCK_REALTIME and CLOCK_BOOTTIME
  std::int32_t write_errno;      // of writing, and of opening for it; 0: it works
  std::int32_t sync_errno;
  std::int32_t sync_ms;  // so long takes a sync
};

template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

volatile const Control* control() {
  static const auto* const mapped = []() -> volatile const Control* {
    static constexpr Control kNone{};
    const char* path = std::getenv("PLUMBLINE_FAULTS");
    if (path == nullptr) return &kNone;
    static const auto real_open = real<int(const char*, int, ...)>("open");
    const int fd = real_open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return &kNone;
    void* memory = mmap(nullptr, sizeof(Control), PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    return memory == MAP_FAILED ? &kNone : static_cast<const Control*>(memory);
  }
  ();
  return mapped;
}

bool is_met(const char* path) {
  static const char* const prefix = std::getenv("PLUMBLINE_FAULT_PATH");
  return prefix != nullptr && std::strncmp(path, prefix, std::strlen(prefix)) == 0;
}

bool is_met(int fd) {
  std::array<char, 32> link{};
  std::array<char, 4096> path{};
  std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", fd);
  return readlink(link.data(), path.data(), path.size() - 1) > 0 && is_met(path.data());
}

// True: errno is set and the write fails.
template <class File>
bool write_fails(File file) {
  const int number = control()->write_errno;
  if (number == 0 || !is_met(file)) return false;
  errno = number;
  return true;
}

bool sync_fails(int fd) {
  const int number = control()->sync_errno;
  const int pause = control()->sync_ms;
  if ((number == 0 && pause == 0) || !is_met(fd)) return false;
  usleep(static_cast<useconds_t>(pause) * 1000U);
  errno = number;
  return number != 0;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t id, timespec* now) noexcept {
  static const auto next = real<int(clockid_t, timespec*)>("clock_gettime");
  const int result = next(id, now);
  const auto offset = (id == CLOCK_REALTIME ? control()->clock_offset_ns : 0) +
                      (id == CLOCK_REALTIME || id == CLOCK_BOOTTIME ? control()->suspended_ns : 0);
  if (result != 0 || offset == 0) return result;
  constexpr std::int64_t kSecond = 1'000'000'000;
  const auto moved = now->tv_sec * kSecond + now->tv_nsec + offset;
  now->tv_sec = moved / kSecond;
  now->tv_nsec = moved % kSecond;
  return result;
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t offset) {
  static const auto next = real<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  return write_fails(fd) ? -1 : next(fd, data, size, offset);
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t offset) {
  static const auto next = real<ssize_t(int, const void*, size_t, off64_t)>("pwrite64");
  return write_fails(fd) ? -1 : next(fd, data, size, offset);
}

ssize_t write(int fd, const void* data, size_t size) {
  static const auto next = real<ssize_t(int, const void*, size_t)>("write");
  return write_fails(fd) ? -1 : next(fd, data, size);
}

int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const auto mode = va_arg(rest, mode_t);
  va_end(rest);
  static const auto next = real<int(const char*, int, ...)>("open64");
  if ((flags & O_ACCMODE) != O_RDONLY && write_fails(path)) return -1;
  return next(path, flags, mode);
}

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const auto mode = va_arg(rest, mode_t);
  va_end(rest);
  static const auto next = real<int(const char*, int, ...)>("open");
  if ((flags & O_ACCMODE) != O_RDONLY && write_fails(path)) return -1;
  return next(path, flags, mode);
}

int fsync(int fd) {
  static const auto next = real<int(int)>("fsync");
  return sync_fails(fd) ? -1 : next(fd);
}

int fdatasync(int fd) {
  static const auto next = real<int(int)>("fdatasync");
  return sync_fails(fd) ? -1 : next(fd);
}
}
