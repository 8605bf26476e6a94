// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "agent/core/batch.h"
#include "agent/core/series.h"
#include "collectors/gpu/division.h"
#include "collectors/gpu/reading.h"

namespace plumbline::gpu {

// What one GPU says, as points. What is absent has none.
void emit(const GpuState& gpu, std::string_view driver, SeriesTable& series, Batch& out);
// Who holds how much of it.
void emit(const GpuIdentity& gpu,
          std::span<const GpuShare> shares,
          SeriesTable& series,
          Batch& out);
// How many GPUs there are in which condition.
void emit_conditions(const GpuSnapshot& snapshot, SeriesTable& series, Batch& out);
// What asking has cost.
void emit_calls(const CallTallies& tallies, SeriesTable& series, Batch& out);

}  // namespace plumbline::gpu
