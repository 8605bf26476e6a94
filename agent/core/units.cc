// SPDX-License-Identifier: Apache-2.0
#include "agent/core/units.h"

#include <array>

namespace plumbline {
namespace {

struct UnitText {
  Unit unit;
  std::string_view ucum;
  std::string_view suffix;
};

// In the order of the enumeration, checked below.
constexpr std::array kTexts{
    UnitText{Unit::kOne, "1", ""},
    UnitText{Unit::kSeconds, "s", "_seconds"},
    UnitText{Unit::kBytes, "By", "_bytes"},
    UnitText{Unit::kHertz, "Hz", "_hertz"},
    UnitText{Unit::kCelsius, "Cel", "_celsius"},
    UnitText{Unit::kJoules, "J", "_joules"},
    UnitText{Unit::kWatts, "W", "_watts"},
    UnitText{Unit::kCpu, "{cpu}", ""},
    UnitText{Unit::kFault, "{fault}", ""},
    UnitText{Unit::kOperation, "{operation}", ""},
    UnitText{Unit::kError, "{error}", ""},
    UnitText{Unit::kPacket, "{packet}", ""},
    UnitText{Unit::kConnection, "{connection}", ""},
    UnitText{Unit::kProcess, "{process}", ""},
    UnitText{Unit::kThread, "{thread}", ""},
    UnitText{Unit::kSegment, "{segment}", ""},
    UnitText{Unit::kDatagram, "{datagram}", ""},
    UnitText{Unit::kEvent, "{event}", ""},
    UnitText{Unit::kEntry, "{entry}", ""},
    UnitText{Unit::kFile, "{file}", ""},
    UnitText{Unit::kInode, "{inode}", ""},
    UnitText{Unit::kSwitch, "{switch}", ""},
    UnitText{Unit::kInterrupt, "{interrupt}", ""},
    UnitText{Unit::kPage, "{page}", ""},
    UnitText{Unit::kPeriod, "{period}", ""},
    UnitText{Unit::kRequest, "{request}", ""},
    UnitText{Unit::kPoint, "{point}", ""},
    UnitText{Unit::kBatch, "{batch}", ""},
    UnitText{Unit::kSeries, "{series}", ""},
    UnitText{Unit::kTick, "{tick}", ""},
    UnitText{Unit::kRun, "{run}", ""},
    UnitText{Unit::kLoad, "{runnable_task}", ""},
    UnitText{Unit::kBit, "{bit}", ""},
    UnitText{Unit::kSocket, "{socket}", ""},
    UnitText{Unit::kByteRate, "By/s", "_bytes_per_second"},
    UnitText{Unit::kRow, "{row}", ""},
    UnitText{Unit::kPart, "{part}", ""},
    UnitText{Unit::kQuery, "{query}", ""},
    UnitText{Unit::kMessage, "{message}", ""},
    UnitText{Unit::kTask, "{task}", ""},
    UnitText{Unit::kBroker, "{broker}", ""},
    UnitText{Unit::kPartition, "{partition}", ""},
    UnitText{Unit::kReplica, "{replica}", ""},
    UnitText{Unit::kGroup, "{group}", ""},
    UnitText{Unit::kMember, "{member}", ""},
    UnitText{Unit::kOffset, "{offset}", ""},
    UnitText{Unit::kOffsetRate, "{offset}/s", "_per_second"},
    UnitText{Unit::kRecord, "{record}", ""},
    UnitText{Unit::kState, "{state}", ""},
    UnitText{Unit::kRestart, "{restart}", ""},
    UnitText{Unit::kContainer, "{container}", ""},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kTexts.size(); ++i) {
    if (static_cast<std::size_t>(kTexts[i].unit) != i) return false;
  }
  return kTexts.size() == static_cast<std::size_t>(Unit::kContainer) + 1;
}
static_assert(in_order());

}  // namespace

std::string_view ucum(Unit unit) {
  return kTexts[static_cast<std::size_t>(unit)].ucum;
}

std::string_view prometheus_suffix(Unit unit, bool gauge) {
  if (unit == Unit::kOne) return gauge ? "_ratio" : "";
  return kTexts[static_cast<std::size_t>(unit)].suffix;
}

}  // namespace plumbline
