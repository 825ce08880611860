// SPDX-License-Identifier: BSD-3-Clause
#include "meter/nvml.hpp"

#include "tests/meter/scripted.hpp"

#include <dlfcn.h>

namespace crossjoule::meter {
namespace {

struct FakeBoard {
  char const* uuid;
  unsigned long long millijoule;
  unsigned milliwatt, limit_milliwatt;
  int energy_code, power_code;
};

/// Holds the fake library open and reaches its script.
class Nvml : public testing::Test {
 protected:
  void SetUp() override {
    library_ = ::dlopen(FAKE_NVML, RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(library_, nullptr) << ::dlerror();
    boards = static_cast<FakeBoard*>(::dlsym(library_, "fake_boards"));
    count = static_cast<unsigned*>(::dlsym(library_, "fake_count"));
    init_code = static_cast<int*>(::dlsym(library_, "fake_init_code"));
    started = static_cast<int*>(::dlsym(library_, "fake_started"));
    before_energy = static_cast<void (**)(unsigned)>(::dlsym(library_, "fake_before_energy"));
    *count = 2, *init_code = 0, *before_energy = nullptr;
    boards[0] = {"GPU-aaaa", 5000, 100'000, 700'000, 0, 0};
    boards[1] = {"GPU-bbbb", 9000, 200'000, 0, 0, 0};
  }
  void TearDown() override {
    EXPECT_EQ(*started, 0) << "the library was not shut down";
    ::dlclose(library_);
  }
  FakeBoard* boards = nullptr;
  unsigned* count = nullptr;
  int *init_code = nullptr, *started = nullptr;
  void (**before_energy)(unsigned) = nullptr;

  void* library_ = nullptr;
};

TEST_F(Nvml, BoardsAreKnownByUuidAndCountMillijoules) {
  auto const found = find_nvml(FAKE_NVML);
  ASSERT_EQ(found.sensors.size(), 2u);
  auto const& info = found.sensors[0]->info();
  EXPECT_EQ(info.id, "gpu-GPU-aaaa");
  EXPECT_EQ(info.name, "Fake H100");
  EXPECT_EQ(info.source, Source::counter);
  EXPECT_DOUBLE_EQ(info.quantum_joule, 1e-3);
  EXPECT_DOUBLE_EQ(info.max_watt, 700);
  EXPECT_DOUBLE_EQ(found.sensors[1]->info().max_watt, 1500) << "no limit is known";
  EXPECT_EQ(found.sensors[0]->read()->counter, 5000u);
  boards[0].energy_code = 15;
  EXPECT_FALSE(found.sensors[0]->read());
}

TEST_F(Nvml, WithoutTheCounterPowerIsRead) {
  boards[0].energy_code = 3;
  auto const found = find_nvml(FAKE_NVML);
  ASSERT_EQ(found.sensors.size(), 2u);
  EXPECT_EQ(found.sensors[0]->info().source, Source::power);
  EXPECT_DOUBLE_EQ(found.sensors[0]->read()->watt, 100);
  EXPECT_NE(found.rows[0].advice.find("Not Supported"), std::string::npos);
}

TEST_F(Nvml, PowersOfBoardAndModuleAreReadBesideTheCounter) {
  auto const variable = [&](char const* name) {
    return static_cast<int*>(::dlsym(library_, name));
  };
  *count = 1, *variable("fake_gpu_scope_code") = 0, *variable("fake_module_scope_code") = 0;
  *variable("fake_module_milliwatt") = 900'000;
  auto const found = find_nvml(FAKE_NVML);
  *variable("fake_gpu_scope_code") = 3, *variable("fake_module_scope_code") = 3;
  ASSERT_EQ(found.sensors.size(), 3u);
  EXPECT_EQ(found.sensors[1]->info().contained_in.front(), "gpu-GPU-aaaa");
  EXPECT_EQ(found.sensors[2]->info().device, DeviceClass::other) << "it holds more than the board";
  EXPECT_FALSE(found.sensors[1]->read().has_value()) << "not supported is no reading";
}

TEST_F(Nvml, DeniedBoardIsReported) {
  boards[1].energy_code = boards[1].power_code = 4;
  auto const found = find_nvml(FAKE_NVML);
  EXPECT_EQ(found.sensors.size(), 1u);
  EXPECT_EQ(found.rows[1].status, Status::denied);
}

TEST_F(Nvml, DriverThatDoesNotStartAndNoBoards) {
  *init_code = 9;
  auto const broken = find_nvml(FAKE_NVML);
  EXPECT_TRUE(broken.sensors.empty());
  EXPECT_EQ(broken.rows.at(0).status, Status::absent);
  EXPECT_EQ(broken.rows.at(0).error_number, 9);
  *init_code = 0, *count = 0;
  EXPECT_EQ(find_nvml(FAKE_NVML).rows.at(0).status, Status::absent);
}

TEST_F(Nvml, MissingLibraryIsAbsent) {
  auto const found = find_nvml("libnvidia-ml-that-nobody-has.so.1");
  EXPECT_TRUE(found.sensors.empty());
  ASSERT_EQ(found.rows.size(), 1u);
  EXPECT_EQ(found.rows[0].status, Status::absent);
}

TEST_F(Nvml, MeterWeighsABoardAcrossADriverReload) {
  static std::shared_ptr<ScriptedClock> clock;
  static FakeBoard* board;
  static unsigned long long offset_millijoule;
  clock = std::make_shared<ScriptedClock>(), board = boards, offset_millijoule = 0;
  *count = 1;
  *before_energy = [](unsigned) {  // 300 W, renewed every 100 ms
    double const renewed = std::floor(clock->seconds() * 10 + 1e-6) / 10;
    board->millijoule =
        7'000'000 + static_cast<unsigned long long>(renewed * 300'000) - offset_millijoule;
  };
  FakeRoot root;
  {
    MeterOptions options;
    options.nvml_library = FAKE_NVML, options.chip = Chip::gpu;
    Meter meter(options, parts_for(root, clock));
    EXPECT_EQ(meter.headline(), "Fake H100, measured-counter");
    auto region = meter.begin(Phase::inference);
    for (int k = 0; k < 50; ++k) clock->pass(0.1), meter.sample();
    auto const energy = region.close();
    EXPECT_EQ(energy.chip.kind, core::Kind::measured_counter);
    EXPECT_NEAR(energy.chip.value.value, 1500, 31);
    EXPECT_LE(energy.chip.low.value, 1500);
    EXPECT_GE(energy.chip.high.value, 1500);
    EXPECT_EQ(energy.edges, Edges::sharp);
    EXPECT_NE(energy.missing_terms.find("CPU"), std::string::npos) << "no /proc below this root";

    auto reload = meter.begin(Phase::inference);
    clock->pass(0.1), offset_millijoule = 7'000'000, meter.sample();
    for (int k = 0; k < 20; ++k) clock->pass(0.1), meter.sample();
    auto const after = reload.close();
    EXPECT_LT(after.chip.value.value, 650);
    EXPECT_LT(after.coverage, 1);

    auto brief = meter.begin(Phase::inference);
    clock->pass(0.02);
    auto const short_energy = brief.close();
    EXPECT_EQ(short_energy.edges, Edges::limited);
    EXPECT_GT(short_energy.chip.high.value, 6) << "edges keep a still counter from reading 0 +- 0";
  }
}

}  // namespace
}  // namespace crossjoule::meter
