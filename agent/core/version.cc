// SPDX-License-Identifier: Apache-2.0
#include "agent/core/version.h"

namespace plumbline {

std::string_view version() {
  return PLUMBLINE_VERSION;  // defined for this file alone, so that a new one compiles one file
}

}  // namespace plumbline
