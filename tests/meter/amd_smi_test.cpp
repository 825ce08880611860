// SPDX-License-Identifier: BSD-3-Clause
#include "meter/backends.hpp"

#include <dlfcn.h>
#include <gtest/gtest.h>

namespace crossjoule::meter {
namespace {

/// The fake's variables; the library stays loaded while it lives.
struct Fake {
  Fake() : library(::dlopen(FAKE_AMD_SMI, RTLD_NOW)) {}
  ~Fake() { ::dlclose(library); }
  template <class T>
  T& variable(char const* name) {
    return *static_cast<T*>(::dlsym(library, name));
  }
  void* library;
};

TEST(AmdSmi, BoardsAreKnownByAddressAndCountInTheirResolution) {
  Fake fake;
  {
    auto const found = find_amd_smi({"libnothing.so", FAKE_AMD_SMI});
    ASSERT_EQ(found.sensors.size(), 2u);
    EXPECT_EQ(found.sensors[0]->info().id, "gpu-0000:c1:00.0");
    EXPECT_EQ(found.sensors[1]->info().id, "gpu-0000:c6:00.0");
    EXPECT_NEAR(found.sensors[0]->info().quantum_joule, 15.259e-6, 1e-11);
    EXPECT_EQ(found.sensors[0]->read()->counter, 1'000'000u);
    fake.variable<int>("fake_amd_energy_code") = 2;
    EXPECT_FALSE(found.sensors[0]->read().has_value()) << "a failed read is no 0";
    fake.variable<int>("fake_amd_energy_code") = 0;
    EXPECT_EQ(fake.variable<int>("fake_amd_started"), 1);
  }
  EXPECT_EQ(fake.variable<int>("fake_amd_started"), 0);
}

TEST(AmdSmi, WrongResolutionAndMissingAccumulatorAreTold) {
  Fake fake;
  fake.variable<float>("fake_amd_resolution") = 0;
  EXPECT_EQ(find_amd_smi({FAKE_AMD_SMI}).rows[0].status, Status::implausible);
  fake.variable<float>("fake_amd_resolution") = 15.259F;
  fake.variable<int>("fake_amd_energy_code") = 2;
  EXPECT_EQ(find_amd_smi({FAKE_AMD_SMI}).rows[0].status, Status::absent);
  fake.variable<int>("fake_amd_energy_code") = 0;
}

TEST(AmdSmi, NoLibraryIsAbsent) {
  auto const found = find_amd_smi({"libnothing.so"});
  ASSERT_EQ(found.rows.size(), 1u);
  EXPECT_EQ(found.rows[0].status, Status::absent);
  EXPECT_EQ(find_amd_smi({}).rows[0].status, Status::absent);
}

}  // namespace
}  // namespace crossjoule::meter
