// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/storage.h"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "agent/journal/place.h"
#include "agent/pipeline/batch_log.h"

namespace plumbline {
namespace {

using std::chrono::duration_cast;
using std::chrono::seconds;

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return {};
  return value;
}

// What the journal holds is for the agent's user alone.
constexpr auto kDirectoryMode = std::filesystem::perms::owner_all;

// Makes the state directory when it is not there.
Result<std::string> path_of(const Config& config) {
  std::string directory = config.state_dir;
  if (directory.empty()) {
    auto usual = default_state_dir(::geteuid(), environment);
    if (!usual) return std::move(usual).error();
    directory = std::move(*usual);
  }
  std::error_code error;
  if (std::filesystem::create_directories(directory, error)) {
    std::filesystem::permissions(directory, kDirectoryMode, error);
  }
  if (error) return errno_error(error.value(), "cannot make the state directory " + directory);
  return journal_path_in(directory);
}

Journal::Options options_of(const Config& config, std::string path) {
  const auto& journal = config.journal;
  return {.file = {.path = std::move(path),
                   .budget = {.max_bytes = journal.max_bytes,
                              .second = duration_cast<seconds>(journal.seconds),
                              .tenth = duration_cast<seconds>(journal.ten_seconds),
                              .undelivered = duration_cast<seconds>(journal.undelivered),
                              .delivered = duration_cast<seconds>(journal.delivered)},
                   .durability = journal.durability == JournalDurability::kFsync
                                     ? Durability::kFsync
                                     : Durability::kInterval},
          .queue_bytes = config.queue_bytes};
}

}  // namespace

Result<Storage> open_storage(const Config& config,
                             boost::asio::any_io_executor home,
                             const Clock& clock,
                             Log& log) {
  if (!config.journal.enabled) return Storage{std::make_unique<BatchLog>(config.queue_bytes)};
  auto path = path_of(config);
  auto journal = path ? Journal::open(options_of(config, *path), std::move(home), clock, log)
                      : Result<std::unique_ptr<Journal>>(path.error());
  if (journal) {
    auto* opened = journal->get();
    return Storage{.queue = std::move(*journal),
                   .journal = opened,
                   .directory = std::filesystem::path(*path).parent_path()};
  }
  if (journal.error().code == Errc::kBusy) return std::move(journal).error();
  log.error("journal",
            "there is none: {}; what is queued is kept in memory, {} bytes of it, and does not "
            "outlive the agent",
            journal.error().what,
            config.queue_bytes);
  return Storage{.queue = std::make_unique<BatchLog>(config.queue_bytes),
                 .unusable = JournalStats{.path = path ? *path : config.state_dir,
                                          .trouble = journal.error().what}};
}

}  // namespace plumbline
