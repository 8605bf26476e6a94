// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/file_check.h"

#include <sqlite3.h>

#include <utility>

#include "agent/journal/sqlite.h"

namespace plumbline {
namespace {

// SQLite asks after so many of its virtual machine's steps: some milliseconds.
constexpr int kStepsPerQuestion = 10'000;

int is_unwanted(void* context) {
  return (*static_cast<const std::function<bool()>*>(context))() ? 0 : 1;
}

}  // namespace

Result<std::string> check_structure(const std::string& path,
                                    const std::string& vfs,
                                    const std::function<bool()>& wanted) {
  auto database = sqlite::Database::open(path, sqlite::Access::kReadOnly, vfs);
  if (!database) return std::move(database).error();
  auto question = wanted;
  sqlite3_progress_handler(database->handle(), kStepsPerQuestion, is_unwanted, &question);
  auto check = database->prepare("PRAGMA quick_check(1)");
  if (!check) return std::move(check).error();
  const auto row = check->step();
  if (!row) {
    if (!wanted()) return Error{.code = Errc::kTimeout, .what = "the check was stopped"};
    return row.error();
  }
  const auto answer = check->text(0);
  return answer == "ok" ? std::string() : std::string(answer);
}

FileCheck::FileCheck(std::string path, std::string vfs, std::function<void(std::string)> damaged)
    : thread_([path = std::move(path), vfs = std::move(vfs), damaged = std::move(damaged)](
                  const std::stop_token& stop) {
        const auto found = check_structure(path, vfs, [&stop] { return !stop.stop_requested(); });
        if (found && !found->empty()) damaged(*found);
        if (!found && found.error().code == Errc::kMalformed) damaged(found.error().what);
      }) {}

}  // namespace plumbline
