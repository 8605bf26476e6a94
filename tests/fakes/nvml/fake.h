/* SPDX-License-Identifier: Apache-2.0
 *
 * A libnvidia-ml.so.1 without a driver: GPUs as a scenario describes them. Its structs are written
 * from NVIDIA's documentation, apart from those of the agent, so that a mistake in either shows.
 *
 * A scenario is text, given to fakeNvmlScenario() or named by PLUMBLINE_FAKE_NVML and read again
 * when the file changes. One statement a line:
 *
 *   driver VERSION              of the driver
 *   gpus N                      that many, all alike; first of all
 *   gpu I KEY VALUE             of one: utilization memory_utilization total used reserved
 * temperature sm_clock memory_clock reasons power energy architecture field I ID TYPE VALUE TYPE u
 * (32 bits), ull, d; other fields are not supported process I PID MEMORY        MEMORY "-": not
 * available growing I N                 N times the list of processes is longer than the call
 * before said sample I PID TIME SM        of a process, TIME in microseconds fail FUNCTION STATUS
 * [I]    that it returns, of one GPU or of all hang FUNCTION FILE          until FILE is gone
 */
#pragma once

#define FAKE_MAX_GPUS 16
#define FAKE_MAX_PROCESSES 4096
#define FAKE_MAX_SAMPLES 4096
#define FAKE_MAX_FIELDS 64
#define FAKE_MAX_RULES 32

enum fake_status {
  FAKE_SUCCESS = 0,
  FAKE_UNINITIALIZED = 1,
  FAKE_INVALID_ARGUMENT = 2,
  FAKE_NOT_SUPPORTED = 3,
  FAKE_NOT_FOUND = 6,
  FAKE_INSUFFICIENT_SIZE = 7,
  FAKE_ARGUMENT_VERSION_MISMATCH = 25,
};

struct fake_process {
  unsigned pid;
  unsigned long long memory;
};

struct fake_sample {
  unsigned pid;
  unsigned long long time;
  unsigned sm;
};

struct fake_field {
  unsigned id;
  unsigned type; /* as nvmlValueType_t */
  double real;
  unsigned long long whole;
};

struct fake_gpu {
  int index;
  unsigned utilization, memory_utilization, temperature, sm_clock, memory_clock, power;
  unsigned long long total, used, reserved, reasons, energy;
  int growing;
  int processes, samples, fields;
  struct fake_process process[FAKE_MAX_PROCESSES];
  struct fake_sample sample[FAKE_MAX_SAMPLES];
  struct fake_field field[FAKE_MAX_FIELDS];
};

struct fake_rule {
  char function[64];
  int status;     /* of a failure */
  int gpu;        /* -1: any */
  char file[256]; /* of a hang */
};

struct fake_machine {
  char driver[64];
  int gpus;
  struct fake_gpu gpu[FAKE_MAX_GPUS];
  int rules;
  struct fake_rule rule[FAKE_MAX_RULES];
};

extern struct fake_machine fake;

/* Reads a scenario into `fake`; what makes no sense ends the program. */
void fake_read(const char* text);
/* At the beginning of each function: counts the call, waits where it hangs, and returns the status
 * that a rule has for it, else 0. `gpu`: null: of none. */
int fake_enter(const char* function, const struct fake_gpu* gpu);
