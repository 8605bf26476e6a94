// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace plumbline {

// The unit of a metric, by its UCUM code. Braced units count things and have no code of their own.
enum class Unit : std::uint8_t {
  kOne,         // 1, a ratio between 0 and 1
  kSeconds,     // s
  kBytes,       // By
  kHertz,       // Hz
  kCelsius,     // Cel
  kJoules,      // J
  kWatts,       // W
  kCpu,         // {cpu}
  kFault,       // {fault}
  kOperation,   // {operation}
  kError,       // {error}
  kPacket,      // {packet}
  kConnection,  // {connection}
  kProcess,     // {process}
  kThread,      // {thread}
  kSegment,     // {segment}
  kDatagram,    // {datagram}
  kEvent,       // {event}
  kEntry,       // {entry}
  kFile,        // {file}
  kInode,       // {inode}
  kSwitch,      // {switch}
  kInterrupt,   // {interrupt}
  kPage,        // {page}
  kPeriod,      // {period}
  kRequest,     // {request}
  kPoint,       // {point}
  kBatch,       // {batch}
  kSeries,      // {series}
  kTick,        // {tick}
  kRun,         // {run}
  kLoad,        // {runnable_task}
  kBit,         // {bit}, of entropy: Prometheus wants sizes in bytes
  kSocket,      // {socket}
  kByteRate,    // By/s
  kRow,         // {row}
  kPart,        // {part}
  kQuery,       // {query}
  kMessage,     // {message}
  kTask,        // {task}
  kBroker,      // {broker}
  kPartition,   // {partition}
  kReplica,     // {replica}
  kGroup,       // {group}
  kMember,      // {member}
  kOffset,      // {offset}
  kOffsetRate,  // {offset}/s
  kRecord,      // {record}
  kState,       // {state}, a number that stands for a word
  kRestart,     // {restart}
  kContainer,   // {container}
};

// The UCUM text, as OTLP carries it: "s", "By", "{packet}".
std::string_view ucum(Unit unit);

// The suffix OpenTelemetry's translation gives a Prometheus name: "_seconds", "_bytes", "" for
// braced units. For Unit::kOne it is "_ratio" on gauges only (compatibility specification).
std::string_view prometheus_suffix(Unit unit, bool gauge);

// Whether values of this unit are whole numbers: OTLP carries them as as_int, the others as
// as_double.
constexpr bool is_integral(Unit unit) {
  switch (unit) {
    case Unit::kOne:
    case Unit::kSeconds:
    case Unit::kCelsius:
    case Unit::kJoules:
    case Unit::kWatts:
    case Unit::kLoad:
    case Unit::kCpu:
    case Unit::kOffsetRate:
      return false;
    default:
      return true;
  }
}

}  // namespace plumbline
