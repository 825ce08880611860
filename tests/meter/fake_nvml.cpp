// SPDX-License-Identifier: BSD-3-Clause
// Stands in for the management library of NVIDIA's driver: boards and answers are set by the test.
#include <cstdio>
#include <cstring>

extern "C" {

struct FakeBoard {
  char const* uuid;
  unsigned long long millijoule;
  unsigned milliwatt, limit_milliwatt;
  int energy_code, power_code;  // 0 success, 3 not supported, 4 no permission, 15 lost
};

FakeBoard fake_boards[4];
unsigned fake_count = 0;
int fake_init_code = 0, fake_started = 0;
void (*fake_before_energy)(unsigned board) = nullptr;  // lets a counter follow the test's clock
void (*fake_before_power)(unsigned board) = nullptr;   // and a power
unsigned fake_busy_percent[4];
int fake_busy_code = 3;  // boards that do not tell whether they work

int nvmlInit_v2() {
  fake_started += fake_init_code == 0;
  return fake_init_code;
}
int nvmlShutdown() {
  --fake_started;
  return 0;
}
int nvmlDeviceGetCount_v2(unsigned* count) {
  *count = fake_count;
  return 0;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, FakeBoard** board) {
  if (index >= fake_count) return 2;
  *board = &fake_boards[index];
  return 0;
}
int nvmlDeviceGetUUID(FakeBoard* board, char* text, unsigned length) {
  std::snprintf(text, length, "%s", board->uuid);
  return 0;
}
int nvmlDeviceGetName(FakeBoard*, char* text, unsigned length) {
  std::snprintf(text, length, "Fake H100");
  return 0;
}
int nvmlDeviceGetTotalEnergyConsumption(FakeBoard* board, unsigned long long* millijoule) {
  if (fake_before_energy) fake_before_energy(static_cast<unsigned>(board - fake_boards));
  *millijoule = board->millijoule;
  return board->energy_code;
}
int nvmlDeviceGetPowerUsage(FakeBoard* board, unsigned* milliwatt) {
  if (fake_before_power) fake_before_power(static_cast<unsigned>(board - fake_boards));
  *milliwatt = board->milliwatt;
  return board->power_code;
}
int nvmlDeviceGetEnforcedPowerLimit(FakeBoard* board, unsigned* milliwatt) {
  *milliwatt = board->limit_milliwatt;
  return 0;
}
struct FakeField {
  unsigned field, scope;
  long long stamp, latency;
  int type, code;
  union {
    double real;
    unsigned number;
  } value;
};
int fake_gpu_scope_code = 3, fake_module_scope_code = 3;  // not supported, as on old boards
unsigned fake_module_milliwatt = 0;

int nvmlDeviceGetFieldValues(FakeBoard* board, int count, FakeField* fields) {
  for (int k = 0; k < count; ++k) {
    bool const is_module = fields[k].scope == 1;
    fields[k].code = is_module ? fake_module_scope_code : fake_gpu_scope_code;
    fields[k].type = 1;
    fields[k].value.number = is_module ? fake_module_milliwatt : board->milliwatt;
  }
  return 0;
}
struct FakeUtilisation {
  unsigned compute, memory;
};
int nvmlDeviceGetUtilizationRates(FakeBoard* board, FakeUtilisation* now) {
  *now = {fake_busy_percent[board - fake_boards], 0};
  return fake_busy_code;
}
char const* nvmlErrorString(int code) {
  return code == 3 ? "Not Supported" : code == 4 ? "No Permission" : "Other";
}
}
