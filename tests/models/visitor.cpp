// SPDX-License-Identifier: BSD-3-Clause
// Compiled by a test with COMPLETE = 1 (must compile) and COMPLETE = 0 (must not: an arm is gone).
#include "models/graph.hpp"
#include "models/overloaded.hpp"

namespace crossjoule::models {

int inputs_of(Op const& op) {
  return std::visit(
      Overloaded {
        [](Input const&) { return 0; }, [](Linear const&) { return 1; },
            [](Activation const&) { return 1; }, [](LayerNorm const&) { return 1; },
            [](PatchEmbed const&) { return 1; }, [](PatchRestore const&) { return 1; },
            [](FourierTransform const&) { return 1; },
            [](InverseFourierTransform const&) { return 1; },
            [](ComplexLinear const&) { return 1; }, [](RelativeError const&) { return 2; },
            [](BatchNorm const&) { return 1; }, [](Conv2d const&) { return 1; },
            [](Pool2d const&) { return 1; }, [](GlobalAveragePool const&) { return 1; },
            [](Flatten const&) { return 1; }, [](LogCoshSum const&) { return 1; },
            [](JoinChannels const&) { return 2; }, [](TakeChannels const&) { return 1; },
#if COMPLETE
            [](Add const&) { return 2; },
#endif
            [](SquaredDistance const&) { return 1; }, [](MeanSquaredError const&) { return 2; }
      },
      op);
}

}  // namespace crossjoule::models
