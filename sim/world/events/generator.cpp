// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/events/generator.hpp"

#include "core/error.hpp"

namespace crossjoule::sim::events {

Generator::Generator(Mixture mixture, std::uint64_t seed, DetectorModel const& detector)
    : mixture_(std::move(mixture)),
      seed_(seed),
      purpose_(core::purpose(("events/" + mixture_.name).c_str())),
      detector_(detector) {}

void Generator::make(std::int64_t index, Event& event) {
  // the rarest process passes once in about a hundred collisions: 1e6 in a row is a fault of ours
  constexpr int most_attempts = 1'000'000;
  Draw draw(seed_, purpose_, static_cast<std::uint64_t>(index));
  Process const process = mixture_.pick(draw);
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    ++collisions_;
    make_hard_event(process, draw, hard_);
    if (!detector_.measure_leptons(hard_.particles(), draw)) continue;
    add_radiation(process, draw, hard_);
    detector_.measure_rest(hard_.particles(), draw, event);
    event.process = static_cast<std::uint8_t>(process);
    return;
  }
  core::fail(core::ExitCode::internal, "event {} of process {} passes no filter", index,
             to_string(process));
}

}  // namespace crossjoule::sim::events
