// SPDX-License-Identifier: BSD-3-Clause
// Boards on a schedule whose joules are known, read through a library in place of the driver's: the
// meter must tell the truth, or an interval that holds it.
#include "meter/account.hpp"
#include "meter/nvml.hpp"
#include "tests/meter/gpu_schedule.hpp"
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
constexpr int not_supported = 3;

/// One or more boards that follow schedules on the scripted clock, and a meter of them.
class Boards : public testing::Test {
 protected:
  void SetUp() override {
    library_ = ::dlopen(FAKE_NVML, RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(library_, nullptr) << ::dlerror();
    self = this;
    clock = std::make_shared<ScriptedClock>();
    boards = variable<FakeBoard>("fake_boards");
    *variable<void (*)(unsigned)>("fake_before_energy") = [](unsigned k) {
      self->boards[k].millijoule = self->schedules[k].millijoule(self->clock->seconds());
    };
    *variable<void (*)(unsigned)>("fake_before_power") = [](unsigned k) {
      self->boards[k].milliwatt = self->schedules[k].milliwatt(self->clock->seconds());
    };
    for (char const* name : {"SLURM_STEP_GPUS", "SLURM_JOB_GPUS", "CUDA_VISIBLE_DEVICES",
                             "NVIDIA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"})
      ::unsetenv(name);
  }
  void TearDown() override {
    *variable<void (*)(unsigned)>("fake_before_energy") = nullptr;
    *variable<void (*)(unsigned)>("fake_before_power") = nullptr;
    *variable<int>("fake_busy_code") = not_supported;
    for (char const* scope : {"fake_gpu_scope_code", "fake_module_scope_code"})
      *variable<int>(scope) = not_supported;
    ::unsetenv("SLURM_JOB_GPUS");
    EXPECT_EQ(*variable<int>("fake_started"), 0) << "the library was not shut down";
    ::dlclose(library_);
  }
  template <class T>
  T* variable(char const* name) {
    return static_cast<T*>(::dlsym(library_, name));
  }

  void add(GpuSchedule schedule, int energy_code = 0, int power_code = 0) {
    static char const* const names[] = {"GPU-aaaa", "GPU-bbbb", "GPU-cccc", "GPU-dddd"};
    auto const k = schedules.size();
    schedules.push_back(std::move(schedule));
    boards[k] = {names[k], 0, 0, 700'000, energy_code, power_code};
    *variable<unsigned>("fake_count") = static_cast<unsigned>(schedules.size());
    *variable<int>("fake_init_code") = 0;
  }
  Meter meter() {
    MeterOptions options;
    options.nvml_library = FAKE_NVML, options.chip = Chip::gpu;
    return Meter(options, parts_for(root, clock));
  }
  /// Joules of a region of so many seconds, sampled at 10 Hz, and what truly passed.
  std::pair<Energy, double> weigh(Meter& meter, double second) {
    double const begin = clock->seconds();
    auto region = meter.begin(Phase::inference);
    for (int k = 0; k < std::lround(second * 10); ++k) clock->pass(0.1), meter.sample();
    auto const energy = region.close();
    double truth = 0;
    for (auto const& schedule : schedules)
      truth += schedule.joule(clock->seconds()) - schedule.joule(begin);
    return {energy, truth};
  }

  static inline Boards* self = nullptr;
  FakeRoot root;
  std::shared_ptr<ScriptedClock> clock;
  std::vector<GpuSchedule> schedules;
  FakeBoard* boards = nullptr;

 private:
  void* library_ = nullptr;
};

GpuSchedule square_wave(double period, double share = 0.5) {
  GpuSchedule schedule;
  schedule.steps = {{0, 300}, {share * period, 60}}, schedule.period = period;
  return schedule;
}
GpuSchedule constant(double watt) {
  GpuSchedule schedule;
  schedule.steps = {{0, watt}};
  return schedule;
}

void expect_held(Energy const& energy, double truth) {
  EXPECT_LE(energy.chip.low.value, truth);
  EXPECT_GE(energy.chip.high.value, truth);
}

TEST_F(Boards, AMinuteOfConstantLoadIsExact) {
  add(constant(412));
  auto weighs = meter();
  auto const [energy, truth] = weigh(weighs, 60);
  EXPECT_EQ(energy.chip.kind, core::Kind::measured_counter);
  EXPECT_NEAR(energy.chip.value.value, truth, 1e-3 * truth);
  expect_held(energy, truth);
}

TEST_F(Boards, TheCounterOfASquareWaveIsTrueUpToItsUpdate) {
  for (double const period : {0.5, 0.37, 1.8}) {
    schedules.clear();
    add(square_wave(period));
    auto weighs = meter();
    auto const [energy, truth] = weigh(weighs, 20);
    EXPECT_NEAR(energy.chip.value.value, truth, 300 * 0.1) << period;
    expect_held(energy, truth);
  }
}

TEST_F(Boards, WithoutACounterThePowerOfAQuarterOfTheTimeIsHeldByTheInterval) {
  for (double const period : {0.37, 0.83, 1.8}) {
    schedules.clear();
    add(square_wave(period), not_supported);
    auto weighs = meter();
    auto const [energy, truth] = weigh(weighs, 60);
    EXPECT_EQ(energy.chip.kind, core::Kind::measured_sampled);
    EXPECT_NEAR(energy.chip.value.value, truth, 0.05 * truth) << period;
    expect_held(energy, truth);
  }
}

/// The twin that shows what no reader can mend: steps that always fall at the same place of an
/// update, as in a loop of as many updates, do not average out.
TEST_F(Boards, ALoadInStepWithTheUpdatesIsOutsideOfTheInterval) {
  for (auto const& [period, share] : {std::pair{0.1, 0.75}, {0.5, 0.5}}) {
    schedules.clear();
    add(square_wave(period, share), not_supported);
    auto weighs = meter();
    auto const [energy, truth] = weigh(weighs, 60);
    EXPECT_LT(energy.chip.high.value, truth) << period;
  }
}

TEST_F(Boards, AResetMidRunIsNeitherJoulesNorLost) {
  auto schedule = constant(300);
  schedule.reset = 10.0;
  add(schedule);
  auto weighs = meter();
  auto const [energy, truth] = weigh(weighs, 20);
  EXPECT_NEAR(energy.chip.value.value, truth, 0.03 * truth);
  EXPECT_LT(energy.coverage, 1);
  expect_held(energy, truth);
  EXPECT_EQ(weighs.ledger().flows[0].resets, 1);
}

TEST_F(Boards, TheModulesPowerIsACrossCheckAndNeverAdded) {
  add(constant(400));
  *variable<int>("fake_gpu_scope_code") = *variable<int>("fake_module_scope_code") = 0;
  *variable<unsigned>("fake_module_milliwatt") = 650'000;
  boards[0].milliwatt = 400'000;
  auto weighs = meter();
  auto const [energy, truth] = weigh(weighs, 10);
  EXPECT_NEAR(energy.chip.value.value, truth, 1e-2 * truth);
  auto const ledger = weighs.ledger();
  ASSERT_EQ(ledger.devices.size(), 3u);
  EXPECT_EQ(ledger.devices[2].info.id, "module-of-gpu-GPU-aaaa");
  EXPECT_EQ(ledger.devices[2].use, Use::cross_check);
  EXPECT_NEAR(ledger.total[2].value.value, 6500, 10);
}

TEST_F(Boards, OneThatSupportsNothingIsToldAndMissing) {
  root.put("/sys/bus/pci/devices/0000:01:00.0/vendor", "0x10de");
  root.put("/sys/bus/pci/devices/0000:01:00.0/class", "0x030200");
  add(constant(400), not_supported, not_supported);
  auto weighs = meter();
  auto const [energy, truth] = weigh(weighs, 2);
  EXPECT_FALSE(energy.chip.present()) << "absent, not 0";
  EXPECT_NE(energy.missing_terms.find("1 accelerators"), std::string::npos);
  bool is_told = false;
  for (auto const& row : weighs.probe())
    is_told = is_told || (row.backend == "nvml" && row.status == Status::absent &&
                          row.advice.find("Not Supported") != std::string::npos);
  EXPECT_TRUE(is_told);
}

TEST_F(Boards, LedgerTellsUsedFromIdleAndFromThoseOfNobody) {
  for (double const watt : {400.0, 70.0, 60.0, 350.0}) add(constant(watt));
  *variable<int>("fake_busy_code") = 0;
  auto* const busy = variable<unsigned>("fake_busy_percent");
  busy[0] = 97, busy[1] = 0, busy[2] = 0, busy[3] = 80;
  ::setenv("SLURM_JOB_GPUS", "0-1", 1);
  auto weighs = meter();
  auto const [energy, truth] = weigh(weighs, 10);
  auto const ledger = weighs.ledger();
  EXPECT_EQ(ledger.standing, (std::vector{Standing::used, Standing::idle_allocated,
                                          Standing::idle_unallocated, Standing::others}));
  auto const groups = ledger.accelerators();
  ASSERT_EQ(groups.size(), 4u);
  double sum = 0;
  for (auto const& group : groups) sum += group.energy.value.value;
  EXPECT_NEAR(sum, ledger.sum().value.value, 1e-9 * sum) << "every board stands somewhere";
  EXPECT_NEAR(groups[0].energy.value.value, 4000, 60);
  EXPECT_NEAR(groups[2].energy.value.value, 600, 10);
}

TEST_F(Boards, WithoutTheirWordTheIdleBaselineTells) {
  auto rising = constant(60);
  rising.steps.push_back({4.0, 300});
  add(rising), add(constant(60));
  auto weighs = meter();
  EXPECT_EQ(weighs.ledger().standing[0], Standing::unknown);
  weighs.measure_idle({3});
  weigh(weighs, 10);
  auto const ledger = weighs.ledger();
  EXPECT_EQ(ledger.standing[0], Standing::used);
  EXPECT_EQ(ledger.standing[1], Standing::idle_allocated);
}

TEST(Standing, ListsOfABatchSystem) {
  auto const with = [](std::vector<std::pair<std::string, std::string>> const& set) {
    return find_allocation([set](char const* name) -> std::optional<std::string> {
      for (auto const& [key, value] : set)
        if (key == name) return value;
      return {};
    });
  };
  EXPECT_FALSE(with({}).holds("gpu-GPU-a", 0, 4).has_value()) << "nobody tells";
  EXPECT_FALSE(with({{"CUDA_VISIBLE_DEVICES", "what,ever"}}).is_known);
  EXPECT_FALSE(with({{"NVIDIA_VISIBLE_DEVICES", "all"}}).is_known);
  auto const slurm = with({{"CUDA_VISIBLE_DEVICES", "0"}, {"SLURM_JOB_GPUS", "1,3"}});
  EXPECT_EQ(slurm.indices, (std::vector{1, 3})) << "the node's numbers, not one rank's";
  EXPECT_TRUE(*slurm.holds("gpu-GPU-x", 3, 4));
  EXPECT_FALSE(*slurm.holds("gpu-GPU-x", 0, 4));
  EXPECT_TRUE(*slurm.holds("gpu-GPU-x", 0, 2)) << "a control group shows the given ones alone";
  auto const named = with({{"CUDA_VISIBLE_DEVICES", "GPU-5a2"}});
  EXPECT_TRUE(*named.holds("gpu-GPU-5A2B", 7, 8)) << "names may be cut short";
  EXPECT_FALSE(*named.holds("gpu-GPU-77", 0, 8));
  EXPECT_FALSE(*with({{"CUDA_VISIBLE_DEVICES", ""}}).holds("gpu-GPU-x", 0, 1)) << "none was given";
  EXPECT_FALSE(with({{"OMPI_COMM_WORLD_LOCAL_SIZE", "4"}, {"CUDA_VISIBLE_DEVICES", "0"}}).is_known)
      << "that is one rank's board of four";
}

TEST(Standing, BoardsWithoutASensorTakeWhatIsAssumedOfThem) {
  FakeRoot root;
  auto const clock = std::make_shared<ScriptedClock>();
  for (char const* slot : {"0000:01:00.0", "0000:02:00.0"}) {
    root.put(fmt::format("/sys/bus/pci/devices/{}/vendor", slot), "0x10de");
    root.put(fmt::format("/sys/bus/pci/devices/{}/class", slot), "0x030200");
  }
  MeterOptions options;
  options.accelerator_idle_w = 70;
  Meter meter(options, parts_for(root, clock));
  for (int k = 0; k < 100; ++k) clock->pass(0.1), meter.sample();
  auto const ledger = meter.ledger();
  ASSERT_EQ(ledger.devices.size(), 1u);
  EXPECT_EQ(ledger.devices[0].kind, core::Kind::assumed);
  EXPECT_EQ(ledger.standing[0], Standing::idle_unallocated);
  EXPECT_NEAR(ledger.total[0].value.value, 1400, 1);
  EXPECT_NEAR(ledger.total[0].low.value, 700, 1);
  auto const total = meter.total();
  EXPECT_EQ(total.system.kind, core::Kind::assumed);
  EXPECT_EQ(total.missing_terms.find("accelerators"), std::string::npos);
  EXPECT_NE(total.assumed_terms.find("2 accelerators"), std::string::npos);
}

}  // namespace
}  // namespace crossjoule::meter
