// SPDX-License-Identifier: BSD-3-Clause
#include "core/philox.hpp"

#include <gtest/gtest.h>
#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);
int fuzz_tree(std::uint8_t const* data, std::size_t size);

namespace crossjoule::meter {
namespace {

char const* const seeds[] = {
    "",
    "timestamp, index, power.draw [W]\n2023/01/30 14:25:10.123, 0, 61.20 W\n",
    "JobID|Elapsed|ConsumedEnergyRaw|NodeList\n1|1-02:03:04|500|n1\n1.0|02:03|400|n1\n",
    "01-30-2023 14:25:10 RAM 1/2MB VDD_IN 5236mW/5236mW POM_5V_GPU 40/40\n",
    "timestamp,run_id,duration,cpu_energy,energy_consumed\n2026-01-01T00:00:00,a,3,1e-5,1e-5\n",
    "# device = node\n# accuracy = 0.01\nt_utc_ns,channel,watts,joules\n1,a,5 W,7\n2,a,900 mW,9\n",
    "Datetime (UTC),Zone Id,Carbon Intensity gCO2eq/kWh (direct),Data "
    "Estimated\n2022-01-01,ES,9,true\n",
    "{\"timestamp\": 1572548470.5, \"rapl_estimated_attributable_power_draw\": 40.5}\n",
    "cpu_name,cpu_load,rapl_power,estimated_power,tapo_power\nx,1,1,1,0\nx,50,40,45,170\n",
    "0,18-19",
    "18446744073709551615",
    "{\"data\": [{\"point_time\": \"2018-01-20T12:00:00Z\", \"value\": 1}], \"meta\": {\"units\": "
    "\"lbs_co2_per_mwh\"}}",
    "{\"data\":[{\"from\":\"2018-01-20T12:00Z\",\"intensity\":{\"forecast\":266,\"actual\":null}}]"
    "}",
    "1.5 kWh",
    "2019-10-31T12:01:10.769862+02:00"};

/// Deletes, doubles or changes bytes.
std::string mutate(std::string text, core::Random& random) {
  for (std::uint64_t change = random.below(8) + 1; change > 0 && !text.empty(); --change) {
    auto const at = static_cast<std::size_t>(random.below(text.size()));
    switch (random.below(4)) {
      case 0: text.erase(at, 1 + static_cast<std::size_t>(random.below(8))); break;
      case 1:
        text.insert(at, text.substr(at / 2, static_cast<std::size_t>(random.below(20))));
        break;
      case 2: text[at] = static_cast<char>(random.below(256)); break;
      default: text.insert(at, 1, "\",|\n-9#=:{}[]\\"[random.below(15)]); break;
    }
  }
  return text;
}

TEST(Parsers, SurviveSeedsAndTheirMutations) {
  core::Random random(21, core::purpose("meter/fuzz"), 0);
  for (std::string const seed : seeds) {
    LLVMFuzzerTestOneInput(reinterpret_cast<std::uint8_t const*>(seed.data()), seed.size());
    for (int k = 0; k < 500; ++k) {
      std::string const text = mutate(seed, random);
      ASSERT_EQ(
          LLVMFuzzerTestOneInput(reinterpret_cast<std::uint8_t const*>(text.data()), text.size()),
          0)
          << text;
    }
  }
}

TEST(Tree, SurvivesSeedsAndTheirMutations) {
  core::Random random(22, core::purpose("meter/fuzz"), 0);
  auto const try_it = [](std::string const& text) {
    return fuzz_tree(reinterpret_cast<std::uint8_t const*>(text.data()), text.size());
  };
  using namespace std::string_literals;
  for (std::string const& seed :
       {""s,
        "cpu  1 2 3 4 5 6 7 8\0processor : 0\nmodel name : x\0MemTotal: 5 kB\0KVM\0package-0\0"
        "123\0"
        "262143328850\0"
        "23\0"
        "0,18-19\0event=0x02\0"
        "2.3e-10\0Joules\0"
        "5"s,
        "power_meter\0"
        "500000000\0Module Power Socket 0\0"
        "50"s,
        "4711 J 1696012345678901 us\0"
        "900 W 5 us\0"
        "4711"s,
        "dc 01 00 5a 00 10 00"s}) {
    EXPECT_EQ(try_it(seed), 0);
    for (int k = 0; k < 60; ++k) ASSERT_EQ(try_it(mutate(seed, random)), 0);
  }
}

}  // namespace
}  // namespace crossjoule::meter
