// SPDX-License-Identifier: Apache-2.0
// Reloading the configuration of a running agent: what changed is restarted, everything else goes
// on undisturbed, counters and queues included.
#include <algorithm>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "agent/config/changes.h"
#include "agent/config/resource_detect.h"
#include "agent/core/version.h"
#include "agent/runtime/agent.h"
#include "collectors/registry.h"

namespace plumbline {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kCollectorStop{2'000};
constexpr milliseconds kIdlePoll{10};

CollectorConfig section_of(const Config& config, std::string_view collector) {
  const auto found = config.collectors.find(std::string(collector));
  return found == config.collectors.end() ? CollectorConfig{} : found->second;
}

}  // namespace

asio::awaitable<void> Agent::reload() {
  auto next = reload_config_();
  if (!next) {
    ++reloads_failed_;
    log_.error(
        "config", "the new configuration is refused, the old one goes on: {}", next.error().what);
    co_return;
  }
  auto shared = std::make_shared<const Config>(std::move(next).value());
  const auto applied = co_await apply(std::move(shared));
  if (!applied) {
    ++reloads_failed_;
    log_.error("config",
               "the new configuration is refused, the old one goes on: {}",
               applied.error().what);
    co_return;
  }
  ++reloads_succeeded_;
}

asio::awaitable<Result<>> Agent::apply(std::shared_ptr<const Config> next) {
  const auto before = config_;
  if (next->listen != before->listen) {
    server_.stop();
    if (const auto bound = server_.listen(next->listen); !bound) {
      const auto again = server_.listen(before->listen);
      if (!again) log_.error("http", "lost the old address too: {}", again.error().what);
      co_return bound.error();
    }
  }
  // Read again each time: the folder is the same, the files may not be.
  if (const auto loaded = manifests_.load(manifest_folder_); !loaded) co_return loaded.error();
  if (const auto applied = attribution_.apply(next->identity); !applied) co_return applied.error();
  if (const auto applied = destinations_.apply(*next); !applied) co_return applied.error();
  config_ = std::move(next);
  log_.set_level(config_->log_level);
  resource_ = Resource(detect_resource(*config_), version());
  attribution_.set_resource(resource_);
  limit_.set_limits(config_->limits, SeriesLimit::rank_period(config_->export_interval));
  for (const auto& change : describe_changes(*before, *config_)) {
    log_.info("config", "{}", to_text(change));
  }
  co_await restart_collectors(*before);
  co_await destinations_.stop_removed(config_->shutdown_timeout);
  co_return Result<>();
}

// Stops the collectors whose settings changed, waits for what they have in flight, and starts them
// with the new settings.
asio::awaitable<void> Agent::restart_collectors(const Config& before) {
  const bool all = before.bpf != config_->bpf || before.limits != config_->limits;
  const auto changed = [&](std::string_view name) {
    const auto entry = std::find_if(collector_registry().begin(),
                                    collector_registry().end(),
                                    [&](const auto& known) { return known.info->name == name; });
    const bool concerned = entry != collector_registry().end() && entry->is_concerned != nullptr &&
                           entry->is_concerned(before, *config_);
    return all || concerned || section_of(before, name) != section_of(*config_, name);
  };
  for (const auto& running : runners_) {
    if (changed(running.runner->info().name)) running.runner->stop();
  }
  const auto busy = [](const Running& running) {
    return running.runner->stopping() && !running.runner->idle();
  };
  const auto deadline = clock_.steady() + kCollectorStop;
  asio::steady_timer poll(io_);
  while (std::any_of(runners_.begin(), runners_.end(), busy) && clock_.steady() < deadline) {
    poll.expires_after(kIdlePoll);
    co_await poll.async_wait(asio::use_awaitable);
  }
  for (std::size_t i = 0; i < collector_registry().size(); ++i) {
    const auto name = collector_registry()[i].info->name;
    if (!changed(name)) continue;
    const auto stuck = std::any_of(runners_.begin(), runners_.end(), [&](const Running& running) {
      return running.runner->info().name == name && busy(running);
    });
    if (stuck) {
      log_.error("config", "collector {} is blocked and keeps its old settings", name);
      continue;
    }
    std::erase_if(runners_, [&](const Running& running) {
      return running.runner->info().name == name && running.runner->stopping();
    });
    latest_.mark_unknown(name, clock_.wall());
    start_collector(i);
  }
}

}  // namespace plumbline
