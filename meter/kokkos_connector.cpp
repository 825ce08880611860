// SPDX-License-Identifier: BSD-3-Clause
// Kokkos Tools: KOKKOS_TOOLS_LIBS=libcrossjoule_meter.so weighs any Kokkos program by its regions
// and kernels. Kokkos fences the device before each callback unless a tool says otherwise; we do
// not.
#include "meter/crossjoule_meter.h"

#include <unistd.h>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

namespace {

crossjoule_meter* meter = nullptr;
std::string output;
bool with_kernels = true;
std::time_t next_write = 0, write_every = 1;

bool is_off(char const* variable) {
  char const* value = std::getenv(variable);
  return value && std::strcmp(value, "0") == 0;
}

/// Leaves a closed file every 1, 2, 4 … 60 s, so that a killed program has one.
void keep() {
  std::time_t const now = std::time(nullptr);
  if (now < next_write || output.empty()) return;
  if (crossjoule_write(meter, output.c_str()) != 0) {
    std::fprintf(stderr, "crossjoule meter: warning: %s\n", crossjoule_error());
    output.clear();
  }
  write_every = write_every < 30 ? 2 * write_every : 60;
  next_write = now + write_every;
}

void push(char const* name) {
  if (meter) crossjoule_push(meter, name);
}
void pop() {
  if (!meter) return;
  crossjoule_pop(meter);
  keep();
}
void push_kernel(char const* name, std::uint64_t* number) {
  *number = 0;
  if (with_kernels) push(name);
}
void pop_kernel() {
  if (with_kernels) pop();
}

}  // namespace

extern "C" {

struct Kokkos_Profiling_SpaceHandle {
  char name[64];
};

void kokkosp_init_library(int, std::uint64_t, std::uint32_t, void*) {
  char const* path = std::getenv("CROSSJOULE_METER_OUTPUT");
  output = path ? path : "crossjoule-meter-" + std::to_string(::getpid()) + ".h5";
  with_kernels = !is_off("CROSSJOULE_METER_KERNELS");
  next_write = std::time(nullptr) + 1;
  meter = crossjoule_begin();
  if (!meter) std::fprintf(stderr, "crossjoule meter: warning: %s\n", crossjoule_error());
}

void kokkosp_finalize_library() {
  if (!meter) return;
  crossjoule_reading total;
  if (crossjoule_read(meter, &total) == 0 && total.is_reader) {
    bool const wrote = !output.empty() && crossjoule_write(meter, output.c_str()) == 0;
    static char const* const kinds[] = {"measured-counter", "measured-sampled", "modelled",
                                        "assumed", "absent"};
    std::fprintf(stderr, "crossjoule meter: %.4g [%.4g, %.4g] J in %.3f s, %s%s%s\n", total.joule,
                 total.low, total.high, total.second, kinds[total.kind], wrote ? ", record " : "",
                 wrote ? output.c_str() : "");
  }
  crossjoule_close(meter);
  meter = nullptr;
}

void kokkosp_push_profile_region(char const* name) { push(name); }
void kokkosp_pop_profile_region() { pop(); }
void kokkosp_begin_parallel_for(char const* name, std::uint32_t, std::uint64_t* number) {
  push_kernel(name, number);
}
void kokkosp_end_parallel_for(std::uint64_t) { pop_kernel(); }
void kokkosp_begin_parallel_reduce(char const* name, std::uint32_t, std::uint64_t* number) {
  push_kernel(name, number);
}
void kokkosp_end_parallel_reduce(std::uint64_t) { pop_kernel(); }
void kokkosp_begin_parallel_scan(char const* name, std::uint32_t, std::uint64_t* number) {
  push_kernel(name, number);
}
void kokkosp_end_parallel_scan(std::uint64_t) { pop_kernel(); }
void kokkosp_begin_deep_copy(Kokkos_Profiling_SpaceHandle, char const*, void const*,
                             Kokkos_Profiling_SpaceHandle, char const*, void const*,
                             std::uint64_t) {
  if (with_kernels) push("Kokkos::deep_copy");
}
void kokkosp_end_deep_copy() { pop_kernel(); }
}
