// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace crossjoule::meter {

/// A processor's rating: thermal design power of a socket and the hardware threads that share it.
struct CpuRating {
  std::string_view model;  ///< as it stands in /proc/cpuinfo's model name
  double tdp_watt;
  int threads;
};

/// Where the ratings come from; goes into the record.
inline constexpr std::string_view cpu_rating_source =
    "TDP: codecarbon data/hardware/cpu_power.csv (MIT); threads: the maker's product page";

/// The row whose name is the longest that stands, as whole words, in `model_name`.
std::optional<CpuRating> find_cpu(std::string_view model_name);

/// Watts per hardware thread at full load: low, value, high.
struct ThreadPower {
  double low, value, high;
};
/// For a server processor that the table lacks: EPYC 9654 has 1.9 W per thread, Xeon 8480+ 3.1,
/// parts with few fast cores 5 and more. An assumption, so the band is wide.
inline constexpr ThreadPower default_thread_power = {1.9, 3.1, 6.3};

}  // namespace crossjoule::meter
