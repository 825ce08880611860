// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "aimc/what_if.hpp"
#include "core/config.hpp"
#include "core/record.hpp"
#include "drivers/json.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace crossjoule::drivers {

/// What a study asks beyond the estimate itself.
struct WhatIf {
  std::vector<aimc::SweepAxis> axes;  ///< empty: no sweep
  std::int64_t most_points = 10000;
  std::int64_t draws = 0;  ///< 0: no Monte Carlo
  std::uint64_t seed = 1;
  bool wants_tornado = false;
};
/// The tables [sweep] and [monte_carlo] and the key `tornado`.
WhatIf take_what_if(core::Config& config);

/// The answers for one chip and mode.
struct WhatIfAnswers {
  std::string chip, mode;
  std::vector<aimc::SweepAxis> axes;
  std::vector<aimc::SweepPoint> points;
  std::vector<aimc::DrawnBatch> drawn;
  std::int64_t draws = 0;
  std::vector<aimc::TornadoBar> bars;
  double joules = 0, latency = 0;  ///< of the tornado with all figures at their value
  bool empty() const { return points.empty() && drawn.empty() && bars.empty(); }
};
/// All ranks work; all get the answers.
WhatIfAnswers answer(WhatIf const& wanted, models::Graph const& graph, aimc::Chip const& chip,
                     std::string const& mode, aimc::Terms const& assumed,
                     aimc::Workload const& workload, core::Comm const& comm);

std::string what_if_text(std::vector<WhatIfAnswers> const& answers);
Json what_if_json(std::vector<WhatIfAnswers> const& answers);
/// /result/what_if/CHIP/MODE/{sweep,monte_carlo,tornado}.
void write(core::Record& record, std::vector<WhatIfAnswers> const& answers);

}  // namespace crossjoule::drivers
