// SPDX-License-Identifier: Apache-2.0
//
// What sysfs tells of the machine's parts. Each function adds the points of one kind and returns
// how many devices it found.
#pragma once

#include <filesystem>

#include "agent/core/batch.h"
#include "agent/core/series.h"

namespace plumbline::node {

// Frequency, throttling and the number of cores.
std::size_t read_cpus(const std::filesystem::path& sys, SeriesTable& series, Batch& out);
std::size_t read_disk_sizes(const std::filesystem::path& sys, SeriesTable& series, Batch& out);
std::size_t read_links(const std::filesystem::path& sys, SeriesTable& series, Batch& out);

// Temperatures and energy.
std::size_t read_sensors(const std::filesystem::path& sys, SeriesTable& series, Batch& out);
// Errors of memory controllers.
std::size_t read_memory_errors(const std::filesystem::path& sys, SeriesTable& series, Batch& out);

}  // namespace plumbline::node
