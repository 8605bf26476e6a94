// SPDX-License-Identifier: Apache-2.0
#include "agent/core/result.h"

#include <cerrno>
#include <system_error>

#include <fmt/format.h>

namespace plumbline {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::kUnavailable:
      return "unavailable";
    case Errc::kDenied:
      return "denied";
    case Errc::kUnsupported:
      return "unsupported";
    case Errc::kTimeout:
      return "timeout";
    case Errc::kMalformed:
      return "malformed";
    case Errc::kBusy:
      return "busy";
    case Errc::kExhausted:
      return "exhausted";
  }
  return "unknown";
}

namespace {

Errc errc_of(int number) {
  switch (number) {
    case EPERM:
    case EACCES:
      return Errc::kDenied;
    case ENOENT:
    case ENOSYS:
    case EOPNOTSUPP:
      return Errc::kUnsupported;
    case ENOMEM:
    case ENOSPC:
    case EMFILE:
    case ENFILE:
      return Errc::kExhausted;
    default:
      return Errc::kUnavailable;
  }
}

}  // namespace

Error errno_error(int number, std::string_view what, std::source_location at) {
  return {.code = errc_of(number),
          .what = fmt::format("{}: {}", what, std::generic_category().message(number)),
          .at = at};
}

}  // namespace plumbline
