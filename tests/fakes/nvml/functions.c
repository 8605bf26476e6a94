/* SPDX-License-Identifier: Apache-2.0
 *
 * What of NVML's interface the agent calls, and some that it must not. */
#include <stdio.h>
#include <string.h>

#include "fake.h"

typedef struct fake_gpu* nvmlDevice_t;

typedef struct {
  unsigned gpu, memory;
} nvmlUtilization_t;
typedef struct {
  unsigned long long total, free, used;
} nvmlMemory_t;
typedef struct {
  unsigned version;
  unsigned long long total, reserved, free, used;
} nvmlMemory_v2_t;
typedef struct {
  char busIdLegacy[16];
  unsigned domain, bus, device, pciDeviceId, pciSubSystemId;
  char busId[32];
} nvmlPciInfo_t;
typedef union {
  double dVal;
  unsigned uiVal;
  unsigned long long ullVal;
} nvmlValue_t;
typedef struct {
  unsigned fieldId, scopeId;
  long long timestamp, latencyUsec;
  unsigned valueType;
  int nvmlReturn;
  nvmlValue_t value;
} nvmlFieldValue_t;
typedef struct {
  unsigned pid;
  unsigned long long usedGpuMemory;
  unsigned gpuInstanceId, computeInstanceId;
} nvmlProcessInfo_t;
typedef struct {
  unsigned pid;
  unsigned long long timeStamp;
  unsigned smUtil, memUtil, encUtil, decUtil;
} nvmlProcessUtilizationSample_t;

_Static_assert(sizeof(nvmlMemory_v2_t) == 40, "as in NVML 13");
_Static_assert(sizeof(nvmlFieldValue_t) == 40, "as in NVML 13");
_Static_assert(sizeof(nvmlPciInfo_t) == 68, "as in NVML 13");
_Static_assert(sizeof(nvmlProcessInfo_t) == 24, "as in NVML 13");
_Static_assert(sizeof(nvmlProcessUtilizationSample_t) == 32, "as in NVML 13");

static int live; /* inits without their shutdown */

/* Before its init every function of the library refuses. */
static int enter(const char* function, const struct fake_gpu* gpu) {
  int status = fake_enter(function, gpu);
  return status ? status : live > 0 ? FAKE_SUCCESS : FAKE_UNINITIALIZED;
}

static int give(const char* text, char* out, unsigned length) {
  if (strlen(text) >= length) return FAKE_INSUFFICIENT_SIZE;
  strcpy(out, text);
  return FAKE_SUCCESS;
}

int fakeNvmlLive(void) {
  return live;
}

int nvmlInit_v2(void) {
  int status = fake_enter("nvmlInit_v2", NULL);
  if (!status) ++live;
  return status;
}

int nvmlShutdown(void) {
  int status = enter("nvmlShutdown", NULL);
  if (!status) --live;
  return status;
}

int nvmlSystemGetDriverVersion(char* out, unsigned length) {
  int status = enter("nvmlSystemGetDriverVersion", NULL);
  return status ? status : give(fake.driver, out, length);
}

int nvmlDeviceGetCount_v2(unsigned* count) {
  int status = enter("nvmlDeviceGetCount_v2", NULL);
  if (!status) *count = (unsigned)fake.gpus;
  return status;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, nvmlDevice_t* device) {
  if (index >= (unsigned)fake.gpus) return FAKE_INVALID_ARGUMENT;
  int status = enter("nvmlDeviceGetHandleByIndex_v2", &fake.gpu[index]);
  if (!status) *device = &fake.gpu[index];
  return status;
}

int nvmlDeviceGetUUID(nvmlDevice_t device, char* out, unsigned length) {
  char text[64];
  int status = enter("nvmlDeviceGetUUID", device);
  snprintf(text, sizeof text, "GPU-00000000-0000-0000-0000-%012d", device->index);
  return status ? status : give(text, out, length);
}

int nvmlDeviceGetName(nvmlDevice_t device, char* out, unsigned length) {
  int status = enter("nvmlDeviceGetName", device);
  return status ? status : give("NVIDIA H200", out, length);
}

int nvmlDeviceGetSerial(nvmlDevice_t device, char* out, unsigned length) {
  char text[32];
  int status = enter("nvmlDeviceGetSerial", device);
  snprintf(text, sizeof text, "16500000%05d", device->index);
  return status ? status : give(text, out, length);
}

int nvmlDeviceGetPciInfo_v3(nvmlDevice_t device, nvmlPciInfo_t* pci) {
  int status = enter("nvmlDeviceGetPciInfo_v3", device);
  if (status) return status;
  memset(pci, 0, sizeof *pci);
  pci->bus = 0x1A + (unsigned)device->index;
  snprintf(pci->busId, sizeof pci->busId, "00000000:%02X:00.0", pci->bus);
  snprintf(pci->busIdLegacy, sizeof pci->busIdLegacy, "0000:%02X:00.0", pci->bus & 0xFF);
  return FAKE_SUCCESS;
}

int nvmlDeviceGetUtilizationRates(nvmlDevice_t device, nvmlUtilization_t* out) {
  int status = enter("nvmlDeviceGetUtilizationRates", device);
  if (!status) *out = (nvmlUtilization_t){device->utilization, device->memory_utilization};
  return status;
}

int nvmlDeviceGetEncoderUtilization(nvmlDevice_t device, unsigned* out, unsigned* period) {
  int status = enter("nvmlDeviceGetEncoderUtilization", device);
  if (!status) *out = 0, *period = 167000;
  return status;
}

int nvmlDeviceGetDecoderUtilization(nvmlDevice_t device, unsigned* out, unsigned* period) {
  int status = enter("nvmlDeviceGetDecoderUtilization", device);
  if (!status) *out = 0, *period = 167000;
  return status;
}

#ifndef FAKE_OLD
int nvmlDeviceGetMemoryInfo_v2(nvmlDevice_t device, nvmlMemory_v2_t* out) {
  int status = enter("nvmlDeviceGetMemoryInfo_v2", device);
  if (status) return status;
  if (out->version != (sizeof *out | 2U << 24)) return FAKE_ARGUMENT_VERSION_MISMATCH;
  out->total = device->total;
  out->reserved = device->reserved;
  out->used = device->used;
  out->free = device->total - device->reserved - device->used;
  return FAKE_SUCCESS;
}
#endif

int nvmlDeviceGetMemoryInfo(nvmlDevice_t device, nvmlMemory_t* out) {
  int status = enter("nvmlDeviceGetMemoryInfo", device);
  if (status) return status;
  out->total = device->total;
  out->used = device->used + device->reserved;
  out->free = out->total - out->used;
  return FAKE_SUCCESS;
}

#ifndef FAKE_OLD
int nvmlDeviceGetFieldValues(nvmlDevice_t device, int count, nvmlFieldValue_t* values) {
  int status = enter("nvmlDeviceGetFieldValues", device);
  if (status) return status;
  for (int i = 0; i < count; ++i) {
    values[i].nvmlReturn = FAKE_NOT_SUPPORTED;
    for (int k = 0; k < device->fields; ++k) {
      const struct fake_field* field = &device->field[k];
      if (field->id != values[i].fieldId) continue;
      values[i].nvmlReturn = FAKE_SUCCESS;
      values[i].valueType = field->type;
      if (field->type == 0)
        values[i].value.dVal = field->real;
      else if (field->type == 1)
        values[i].value.uiVal = (unsigned)field->whole;
      else
        values[i].value.ullVal = field->whole;
    }
  }
  return FAKE_SUCCESS;
}
#endif

int nvmlDeviceGetPowerUsage(nvmlDevice_t device, unsigned* milliwatts) {
  int status = enter("nvmlDeviceGetPowerUsage", device);
  if (!status) *milliwatts = device->power;
  return status;
}

int nvmlDeviceGetTotalEnergyConsumption(nvmlDevice_t device, unsigned long long* millijoules) {
  int status = enter("nvmlDeviceGetTotalEnergyConsumption", device);
  if (!status) *millijoules = device->energy;
  return status;
}

int nvmlDeviceGetTemperature(nvmlDevice_t device, unsigned sensor, unsigned* out) {
  int status = enter("nvmlDeviceGetTemperature", device);
  if (sensor) return FAKE_INVALID_ARGUMENT;
  if (!status) *out = device->temperature;
  return status;
}

int nvmlDeviceGetClockInfo(nvmlDevice_t device, unsigned type, unsigned* megahertz) {
  int status = enter("nvmlDeviceGetClockInfo", device);
  if (!status) *megahertz = type == 1 ? device->sm_clock : device->memory_clock;
  return status;
}

static int get_reasons(const char* function, nvmlDevice_t device, unsigned long long* out) {
  int status = enter(function, device);
  if (!status) *out = device->reasons;
  return status;
}

#ifdef FAKE_OLD
int nvmlDeviceGetCurrentClocksThrottleReasons(nvmlDevice_t device, unsigned long long* out) {
  return get_reasons("nvmlDeviceGetCurrentClocksThrottleReasons", device, out);
}
#else
int nvmlDeviceGetCurrentClocksEventReasons(nvmlDevice_t device, unsigned long long* out) {
  return get_reasons("nvmlDeviceGetCurrentClocksEventReasons", device, out);
}
#endif

static int get_processes(const char* function,
                         nvmlDevice_t device,
                         unsigned* count,
                         nvmlProcessInfo_t* list) {
  int status = enter(function, device);
  if (status) return status;
  if (list && device->growing > 0) {
    /* As many more as the caller has room for, and one. */
    while (device->processes <= (int)*count && device->processes < FAKE_MAX_PROCESSES) {
      device->process[device->processes].pid = 900000U + (unsigned)device->processes;
      device->process[device->processes++].memory = 0;
    }
    --device->growing;
  }
  unsigned room = *count;
  *count = (unsigned)device->processes;
  if (*count == 0) return FAKE_SUCCESS;
  if (!list || room < *count) return FAKE_INSUFFICIENT_SIZE;
  for (int i = 0; i < device->processes; ++i) {
    list[i] = (nvmlProcessInfo_t){device->process[i].pid, device->process[i].memory, ~0U, ~0U};
  }
  return FAKE_SUCCESS;
}

#ifdef FAKE_OLD
int nvmlDeviceGetComputeRunningProcesses_v2(nvmlDevice_t device,
                                            unsigned* count,
                                            nvmlProcessInfo_t* list) {
  return get_processes("nvmlDeviceGetComputeRunningProcesses_v2", device, count, list);
}
#else
int nvmlDeviceGetComputeRunningProcesses_v3(nvmlDevice_t device,
                                            unsigned* count,
                                            nvmlProcessInfo_t* list) {
  return get_processes("nvmlDeviceGetComputeRunningProcesses_v3", device, count, list);
}
#endif

int nvmlDeviceGetProcessUtilization(nvmlDevice_t device,
                                    nvmlProcessUtilizationSample_t* list,
                                    unsigned* count,
                                    unsigned long long last_seen) {
  int status = enter("nvmlDeviceGetProcessUtilization", device);
  if (status) return status;
  unsigned newer = 0;
  for (int i = 0; i < device->samples; ++i) newer += device->sample[i].time > last_seen;
  if (newer == 0) return FAKE_NOT_FOUND;
  unsigned room = *count;
  *count = newer;
  if (!list || room < newer) return FAKE_INSUFFICIENT_SIZE;
  for (int i = 0, k = 0; i < device->samples; ++i) {
    const struct fake_sample* sample = &device->sample[i];
    if (sample->time <= last_seen) continue;
    list[k++] = (nvmlProcessUtilizationSample_t){sample->pid, sample->time, sample->sm, 0, 0, 0};
  }
  return FAKE_SUCCESS;
}

/* Blocks for 20 ms on a real GPU: never to be called. */
int nvmlDeviceGetPcieThroughput(nvmlDevice_t device, unsigned counter, unsigned* out) {
  (void)counter;
  *out = 0;
  return enter("nvmlDeviceGetPcieThroughput", device);
}
