// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <thread>

#include "agent/core/result.h"

namespace plumbline {

// Goes once through all pages of a journal in the background, while it is read and written: half a
// gigabyte takes seconds, and nobody should wait for it. The destructor stops it.
class FileCheck {
 public:
  // `damaged` is called on the checking thread, at most once, with what was found.
  FileCheck(std::string path, std::string vfs, std::function<void(std::string)> damaged);

 private:
  std::jthread thread_;
};

// What is wrong with a database's structure; empty when nothing is. `wanted` is asked now and then
// whether to go on; kTimeout when it was not.
Result<std::string> check_structure(const std::string& path,
                                    const std::string& vfs,
                                    const std::function<bool()>& wanted);

}  // namespace plumbline
