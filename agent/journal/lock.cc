// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include <fmt/format.h>

#include "agent/core/log.h"

namespace plumbline {
namespace {

std::string path_of(const std::string& journal_path) {
  return journal_path + ".lock";
}

std::string holder(int fd) {
  std::array<char, 128> text{};
  const auto length = ::pread(fd, text.data(), text.size(), 0);
  if (length <= 0) return "another process";
  const std::string_view line(text.data(), static_cast<std::size_t>(length));
  return escape_line(line.substr(0, line.find('\n')));
}

}  // namespace

Result<JournalLock> JournalLock::acquire(const std::string& journal_path, UnixNanos now) {
  const auto path = path_of(journal_path);
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return errno_error(errno, "cannot open the journal's lock " + path);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return errno_error(errno, "cannot lock " + path);
    return Error{
        .code = Errc::kBusy,
        .what = fmt::format("the journal {} is in use by {}", journal_path, holder(fd.get()))};
  }
  const auto line = fmt::format("process {} since {}\n", ::getpid(), format_time(now));
  // Only a courtesy to the next one who asks: on a full or read-only disk the lock holds without.
  if (::ftruncate(fd.get(), 0) == 0) {
    [[maybe_unused]] const auto written = ::pwrite(fd.get(), line.data(), line.size(), 0);
  }
  return JournalLock(std::move(fd));
}

bool JournalLock::is_in_place(const std::string& journal_path) const {
  struct stat held {};
  struct stat found {};
  return ::fstat(fd_.get(), &held) == 0 && ::stat(path_of(journal_path).c_str(), &found) == 0 &&
         held.st_dev == found.st_dev && held.st_ino == found.st_ino;
}

}  // namespace plumbline
