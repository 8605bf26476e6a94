// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "agent/core/event.h"

namespace plumbline {

// Appends one ExportLogsServiceRequest with this event to `out`; several behind one another are
// one request. `resource` and `scope` are encoded messages.
void encode_log(std::string_view resource,
                std::string_view scope,
                const Event& event,
                std::string& out);

}  // namespace plumbline
