// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "agent/core/result.h"
#include "agent/identity/pod.h"

namespace plumbline {

// A v1.PodList as the kubelet answers GET /pods. Holds one pod in memory at a time, whatever the
// length of the text. Bytes that are not UTF-8 are mended first; a field of the wrong type counts
// as not there. Fails with kMalformed for what is not JSON, is nested too deep, or is no list.
Result<PodList> parse_pods_json(std::string_view text, const LabelChoice& choice);

}  // namespace plumbline
