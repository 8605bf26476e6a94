/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake.h"

struct fake_machine fake;

enum { kNames = 64 };
static struct {
  char function[64];
  unsigned long count;
} calls[kNames]; /* the last one is of all that found no room */
static pthread_mutex_t counting = PTHREAD_MUTEX_INITIALIZER;
static struct timespec read_at;

static void refuse(const char* line) {
  fprintf(stderr, "fake NVML: this makes no sense: %s\n", line);
  abort();
}

static void add_gpus(int count) {
  fake.gpus = count;
  for (int i = 0; i < count; ++i) {
    fake.gpu[i].index = i;
    fake.gpu[i].total = 80ULL << 30;
  }
}

static void set(struct fake_gpu* gpu, const char* key, unsigned long long value, const char* line) {
  if (!strcmp(key, "utilization"))
    gpu->utilization = (unsigned)value;
  else if (!strcmp(key, "memory_utilization"))
    gpu->memory_utilization = (unsigned)value;
  else if (!strcmp(key, "total"))
    gpu->total = value;
  else if (!strcmp(key, "used"))
    gpu->used = value;
  else if (!strcmp(key, "reserved"))
    gpu->reserved = value;
  else if (!strcmp(key, "temperature"))
    gpu->temperature = (unsigned)value;
  else if (!strcmp(key, "sm_clock"))
    gpu->sm_clock = (unsigned)value;
  else if (!strcmp(key, "memory_clock"))
    gpu->memory_clock = (unsigned)value;
  else if (!strcmp(key, "reasons"))
    gpu->reasons = value;
  else if (!strcmp(key, "power"))
    gpu->power = (unsigned)value;
  else if (!strcmp(key, "energy"))
    gpu->energy = value;
  else
    refuse(line);
}

static struct fake_gpu* gpu_of(int index, const char* line) {
  if (index < 0 || index >= fake.gpus) refuse(line);
  return &fake.gpu[index];
}

static void add_field(struct fake_gpu* gpu, unsigned id, const char* type, const char* value) {
  struct fake_field* field = &gpu->field[gpu->fields++];
  field->id = id;
  field->real = strtod(value, NULL);
  field->whole = strtoull(value, NULL, 10);
  field->type = !strcmp(type, "d") ? 0 : !strcmp(type, "u") ? 1 : 3;
}

static void read_line(const char* line) {
  char word[64], text[256];
  int index, number;
  unsigned pid, sm;
  unsigned long long value;
  struct fake_rule* rule = &fake.rule[fake.rules];
  if (sscanf(line, "driver %63s", fake.driver) == 1) return;
  if (sscanf(line, "gpus %d", &number) == 1) {
    if (number < 0 || number > FAKE_MAX_GPUS) refuse(line);
    add_gpus(number);
  } else if (sscanf(line, "gpu %d %63s %llu", &index, word, &value) == 3) {
    set(gpu_of(index, line), word, value, line);
  } else if (sscanf(line, "field %d %u %63s %255s", &index, &pid, word, text) == 4) {
    add_field(gpu_of(index, line), pid, word, text);
  } else if (sscanf(line, "process %d %u %63s", &index, &pid, word) == 3) {
    struct fake_gpu* gpu = gpu_of(index, line);
    gpu->process[gpu->processes].pid = pid;
    gpu->process[gpu->processes++].memory = word[0] == '-' ? ~0ULL : strtoull(word, NULL, 10);
  } else if (sscanf(line, "growing %d %d", &index, &number) == 2) {
    gpu_of(index, line)->growing = number;
  } else if (sscanf(line, "sample %d %u %llu %u", &index, &pid, &value, &sm) == 4) {
    struct fake_gpu* gpu = gpu_of(index, line);
    gpu->sample[gpu->samples++] = (struct fake_sample){pid, value, sm};
  } else if (sscanf(line, "hang %63s %255s", rule->function, rule->file) == 2) {
    rule->gpu = -1;
    ++fake.rules;
  } else if ((number = sscanf(line, "fail %63s %d %d", rule->function, &rule->status, &index)) >=
             2) {
    rule->gpu = number == 3 ? index : -1;
    ++fake.rules;
  } else {
    refuse(line);
  }
}

void fake_read(const char* text) {
  char line[512];
  memset(&fake, 0, sizeof fake);
  strcpy(fake.driver, "590.48.01");
  while (*text) {
    size_t length = strcspn(text, "\n");
    if (length >= sizeof line) refuse(text);
    memcpy(line, text, length);
    line[length] = 0;
    if (length && line[0] != '#') read_line(line);
    text += length + (text[length] == '\n');
  }
}

/* The file that the environment names, when it has changed. */
static void read_file(void) {
  static char text[1 << 16];
  const char* path = getenv("PLUMBLINE_FAKE_NVML");
  struct stat status;
  if (!path || stat(path, &status) || !memcmp(&status.st_mtim, &read_at, sizeof read_at)) return;
  FILE* file = fopen(path, "r");
  if (!file) return;
  text[fread(text, 1, sizeof text - 1, file)] = 0;
  fclose(file);
  read_at = status.st_mtim;
  fake_read(text);
}

/* Counts so many more calls of a function and returns all of them. A test asks while a call hangs.
 */
static unsigned long count(const char* function, unsigned long more) {
  unsigned i = 0;
  pthread_mutex_lock(&counting);
  while (i < kNames - 1 && calls[i].function[0] && strcmp(calls[i].function, function)) ++i;
  if (!calls[i].function[0]) strncpy(calls[i].function, function, sizeof calls[i].function - 1);
  const unsigned long all = calls[i].count += more;
  pthread_mutex_unlock(&counting);
  return all;
}

int fake_enter(const char* function, const struct fake_gpu* gpu) {
  count(function, 1);
  read_file();
  for (int i = 0; i < fake.rules; ++i) {
    const struct fake_rule* rule = &fake.rule[i];
    if (strcmp(rule->function, function)) continue;
    if (rule->gpu >= 0 && (!gpu || rule->gpu != gpu->index)) continue;
    if (!rule->file[0]) return rule->status;
    while (!access(rule->file, F_OK)) usleep(1000);
  }
  return 0;
}

/* For tests that have it in their own program. */
void fakeNvmlScenario(const char* text) {
  fake_read(text);
}
unsigned long fakeNvmlCalls(const char* function) {
  return count(function, 0);
}
