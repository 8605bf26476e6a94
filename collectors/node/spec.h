// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/core/metric_table.h"

namespace plumbline::node {

using metric_table::amount;
using metric_table::counter;
using metric_table::gauge;
using metric_table::join;

}  // namespace plumbline::node
