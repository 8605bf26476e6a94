// SPDX-License-Identifier: Apache-2.0
//
// The part of NVML's binary interface that is used here: written from NVIDIA's documentation, sizes
// checked against its header of version 13. The library is only ever opened at run time.
#pragma once

#include <cstdint>

namespace plumbline::gpu::nvml {

enum class Status : int {
  kSuccess = 0,
  kUninitialized = 1,
  kInvalidArgument = 2,
  kNotSupported = 3,
  kNoPermission = 4,
  kNotFound = 6,
  kInsufficientSize = 7,
  kDriverNotLoaded = 9,
  kTimeout = 10,
  kLibraryNotFound = 12,
  kFunctionNotFound = 13,
  kGpuIsLost = 15,
  kResetRequired = 16,
  kOperatingSystem = 17,
  kVersionMismatch = 18,  // of the library and the loaded driver
  kNoData = 21,
  kArgumentVersionMismatch = 25,
  kDeprecated = 26,
  kNotReady = 27,
  kGpuNotFound = 28,
  kUnknown = 999,
};

struct DeviceObject;
using Device = DeviceObject*;
struct EventSetObject;
using EventSet = EventSetObject*;
struct GpmSampleObject;
using GpmSample = GpmSampleObject*;

// The version field of structs that have one: their size and a number.
template <class Struct>
constexpr unsigned version_of(unsigned number) {
  return static_cast<unsigned>(sizeof(Struct)) | number << 24U;
}

struct Utilization {
  unsigned gpu;     // percent of the last period in which a kernel ran
  unsigned memory;  // percent of it in which memory was read or written
};
static_assert(sizeof(Utilization) == 8);

struct Memory {
  unsigned long long total;
  unsigned long long free;
  unsigned long long used;  // what is reserved included
};
static_assert(sizeof(Memory) == 24);

struct MemoryV2 {
  unsigned version;
  unsigned long long total;
  unsigned long long reserved;
  unsigned long long free;
  unsigned long long used;  // without what is reserved
};
static_assert(sizeof(MemoryV2) == 40);

struct PciInfo {
  char bus_id_legacy[16];
  unsigned domain;
  unsigned bus;
  unsigned device;
  unsigned device_id;
  unsigned subsystem_id;
  char bus_id[32];  // "00000000:01:00.0"
};
static_assert(sizeof(PciInfo) == 68);

enum class ValueType : unsigned {
  kDouble = 0,
  kUnsigned = 1,
  kUnsignedLong = 2,
  kUnsignedLongLong = 3,
  kSignedLongLong = 4,
  kSigned = 5,
  kUnsignedShort = 6,
};

union Value {
  double real;
  int signed_int;
  unsigned unsigned_int;
  unsigned long unsigned_long;
  unsigned long long unsigned_long_long;
  long long signed_long_long;
  unsigned short unsigned_short;
};

struct FieldValue {
  unsigned field;
  unsigned scope;
  long long timestamp;  // µs since 1970
  long long latency;    // µs that the driver took
  ValueType type;
  Status status;
  Value value;
};
static_assert(sizeof(FieldValue) == 40);

// Of a version 2 or 3 of the functions that list processes.
struct ProcessInfo {
  unsigned pid;
  unsigned long long memory;  // kNotAvailable where the driver does not tell
  unsigned gpu_instance;      // kNoInstance without MIG
  unsigned compute_instance;
};
static_assert(sizeof(ProcessInfo) == 24);

struct ProcessSample {
  unsigned pid;
  unsigned long long timestamp;  // µs since 1970
  unsigned sm;                   // percent
  unsigned memory;
  unsigned encoder;
  unsigned decoder;
};
static_assert(sizeof(ProcessSample) == 32);

inline constexpr unsigned long long kNotAvailable = ~0ULL;
inline constexpr unsigned kNoInstance = ~0U;
inline constexpr unsigned kCoreSensor = 0;
inline constexpr unsigned kSmClock = 1;
inline constexpr unsigned kMemoryClock = 2;
inline constexpr unsigned kTextLength = 96;  // the longest the library asks for

}  // namespace plumbline::gpu::nvml
