// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/comm.hpp"
#include "core/h5file.hpp"
#include "sim/world/events/process.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>

namespace crossjoule::sim::events {

/// One file of generated events.
struct FileRequest {
  std::filesystem::path path;
  Mixture mixture = background();
  std::int64_t events = 100'000;
  std::int64_t first_event = 0;  ///< index of the first event in the endless sequence of the seed
  std::uint64_t seed = 1;
  enum class Precision { float32, float64 } precision = Precision::float32;
};

struct FileReport {
  std::int64_t bytes = 0;       ///< of the file
  std::int64_t collisions = 0;  ///< drawn before the lepton filter, over all ranks
};

/// Make the events on all ranks and write them on rank 0, in rising order, in the ADC2021 form:
/// `Particles` (events, 19, 4), `Particles_Names`, `Particles_Classes`, `process_id` (events) and
/// the attributes process, seed, first_event, generator. The bytes do not depend on the rank count,
/// the host or the time. `advance` is called with the number of events written since the last call.
/// Collective.
FileReport write_events(FileRequest const& request, core::Overwrite overwrite,
                        core::Comm const& comm,
                        std::function<void(std::int64_t)> const& advance = {});

}  // namespace crossjoule::sim::events
