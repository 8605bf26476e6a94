// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/run.h"

#include <malloc.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <boost/asio/io_context.hpp>

#include "agent/runtime/agent.h"

namespace plumbline {
namespace {

// One heap arena for all threads: the lanes allocate little, and each arena of its own would keep
// its own free pages (glibc gives every thread one of up to 64 MiB of address space).
constexpr int kArenas = 1;

// What is larger is a request of a busy node on its way, some a second at most: it gets pages of
// its own, which go back when it is freed. From the heap they would leave holes that stay resident;
// glibc moves this limit up to 32 MiB as soon as it sees such blocks freed.
constexpr int kOwnPagesBytes = 64 << 10;

}  // namespace

int run_agent(const LoadOptions& options) {
  ::mallopt(M_ARENA_MAX, kArenas);
  ::mallopt(M_MMAP_THRESHOLD, kOwnPagesBytes);
  std::signal(SIGPIPE, SIG_IGN);  // a closed connection is an error code, not the end

  const SystemClock clock;
  auto config = load_config(options);
  if (!config) {
    std::fprintf(stderr, "%s", config.error().what.c_str());
    return 2;
  }
  Log log(clock, STDERR_FILENO, config.value().log_format, config.value().log_level);

  boost::asio::io_context io(1);
  auto storage = open_storage(*config, io.get_executor(), clock, log);
  if (!storage) {
    log.error("agent",
              "cannot start: {}; another state_dir, or journal.enabled: false, lets two agents run",
              storage.error().what);
    return 1;
  }
  Agent agent(io, clock, log, std::move(*config), std::move(*storage), [&] {
    return load_config(options);
  });
  agent.watch_manifests(options.manifests);
  if (const auto started = agent.start(); !started) {
    log.error("agent", "cannot start: {}", started.error().what);
    return 1;
  }
  io.run();
  // A thread that hangs in a system call cannot be joined; what it holds, the kernel takes back.
  if (!agent.clean()) std::_Exit(0);
  return 0;
}

}  // namespace plumbline
