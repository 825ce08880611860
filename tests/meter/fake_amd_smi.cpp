// SPDX-License-Identifier: BSD-3-Clause
// Stands in for libamd_smi.so: two boards on two sockets.
#include <cstdint>

extern "C" {
std::uint64_t fake_amd_count[2] = {1'000'000, 5};
float fake_amd_resolution = 15.259F;
int fake_amd_energy_code = 0, fake_amd_started = 0;

int amdsmi_init(std::uint64_t flags) {
  fake_amd_started += flags == 2;
  return 0;
}
int amdsmi_shut_down() {
  --fake_amd_started;
  return 0;
}
int amdsmi_get_socket_handles(std::uint32_t* count, void** handles) {
  *count = 2;
  if (handles)
    for (int k = 0; k < 2; ++k) handles[k] = &fake_amd_count[k];
  return 0;
}
int amdsmi_get_processor_handles(void* socket, std::uint32_t* count, void** handles) {
  *count = 1;
  if (handles) handles[0] = socket;
  return 0;
}
int amdsmi_get_gpu_device_bdf(void* handle, std::uint64_t* address) {
  bool const is_second = handle == &fake_amd_count[1];
  *address = (is_second ? 0xc6U : 0xc1U) << 8;
  return 0;
}
int amdsmi_get_energy_count(void* handle, std::uint64_t* count, float* resolution,
                            std::uint64_t* stamp) {
  *count = *static_cast<std::uint64_t*>(handle), *resolution = fake_amd_resolution, *stamp = 1;
  return fake_amd_energy_code;
}
}
