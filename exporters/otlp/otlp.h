// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "agent/config/config.h"
#include "agent/core/clock.h"
#include "agent/core/log.h"
#include "agent/core/result.h"
#include "agent/http/tls.h"
#include "exporters/exporter.h"

namespace plumbline {

// What an OTLP exporter is given. All references outlive it.
struct OtlpContext {
  const Clock& clock;
  Log& log;
  TrustSets& trust;
  std::string version;  // of the agent, for the User-Agent
};

// The transport to one destination. Fails for an endpoint, header or file that cannot be right;
// needs no network: the first connection is made by the first send().
Result<std::unique_ptr<Exporter>> make_otlp_exporter(const OtlpConfig& config,
                                                     const OtlpContext& context);

}  // namespace plumbline
