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

}  // namespace
}  // namespace crossjoule::kernels
