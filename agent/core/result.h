// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <source_location>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <boost/system/result.hpp>

namespace plumbline {

// What kind of failure it was, for programs. The sentence for people is in Error::what.
enum class Errc : std::uint8_t {
  kUnavailable,  // it may work later: a refused connection, a busy device
  kDenied,       // a right is missing
  kUnsupported,  // this machine cannot do it: no such hook, no such device
  kTimeout,      // no answer in time
  kMalformed,    // the answer or the input makes no sense
  kExhausted,    // a limit of ours or of the system is reached
  kBusy,         // another process holds it
};

std::string_view to_string(Errc code);

// Why an operation failed: a code for programs, a sentence an operator understands, and the place
// in the source for developers.
struct Error {
  Errc code{};
  std::string what;
  std::source_location at = std::source_location::current();
};

// An Error of kind `code` from an errno value: "cannot open /proc/stat: Permission denied".
// EPERM and EACCES become kDenied, ENOENT, ENOSYS and EOPNOTSUPP kUnsupported, ENOMEM and ENOSPC
// kExhausted, everything else kUnavailable.
Error errno_error(int number,
                  std::string_view what,
                  std::source_location at = std::source_location::current());

// Called by Boost.System when `value()` is taken from a failed Result: a bug of ours or start-up.
[[noreturn]] inline void throw_exception_from_error(const Error& error,
                                                    const boost::source_location& /*at*/) {
  throw std::runtime_error(error.what);
}

template <class T = void>
using Result = boost::system::result<T, Error>;

}  // namespace plumbline

// Returns early with the error of a failed Result. Not for coroutines: there, write the `if`.
#define TRY(expression)                                                                    \
  do {                                                                                     \
    if (auto try_result = (expression); !try_result) return std::move(try_result).error(); \
  } while (false)
