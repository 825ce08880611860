// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/session.hpp"

#include "core/error.hpp"
#include "tests/kernels/support.hpp"

namespace crossjoule::kernels {
namespace {

auto* const running = ::testing::AddGlobalTestEnvironment(new testing::Running);

core::ExitCode code_of(auto&& action) {
  try {
    action();
  } catch (core::Error const& error) {
    return error.code();
  }
  return core::ExitCode::ok;
}

TEST(Session, DeviceNamesReadBack) {
  for (Device const device : {Device::automatic, Device::cpu, Device::cuda})
    EXPECT_EQ(device_from(to_string(device)), device);
  EXPECT_EQ(code_of([] { device_from("gpu"); }), core::ExitCode::bad_input);
}

TEST(Session, IsOnePerProcess) {
  EXPECT_NE(running, nullptr);
  EXPECT_EQ(code_of([] { Session second(Device::cpu); }), core::ExitCode::internal);
}

TEST(Session, EveryBackendSaysWhatItIsOrWhyNot) {
  auto const all = backends();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_TRUE(all[0].usable);
  for (Backend const& backend : all) EXPECT_FALSE(backend.description.empty());
}

TEST(Session, NamesAGpuAsTheDriverDoes) {
  EXPECT_EQ(gpu_name({0x5a, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c,
                      0x0d, 0x0e, 0xff}),
            "GPU-5a010203-0405-0607-0809-0a0b0c0d0eff");
}

}  // namespace
}  // namespace crossjoule::kernels
