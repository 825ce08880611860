// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/views.hpp"

#include <cstdint>

namespace crossjoule::kernels {

/// Constants of Adam (Kingma & Ba, ICLR 2015, algorithm 1) and where in the run this step stands.
struct Adam {
  double learning_rate, beta1, beta2, epsilon;
  std::int64_t step;      ///< counts from 1
  double gradient_scale;  ///< the gradient is multiplied by it first
};

/// One step in place over flat buffers of one length: m = beta1 m + (1 - beta1) g, v = beta2 v +
/// (1 - beta2) g^2, p -= rate / (1 - beta1^t) m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon). Returns
/// false if a new parameter is not finite. Budget: 4 reads and 3 writes a parameter.
template <class Space, class T>
bool adam(Space const& space, Adam const& options, Row<Space, T> parameters,
          Row<Space, T const> gradient, Row<Space, T> moment1, Row<Space, T> moment2);

}  // namespace crossjoule::kernels
