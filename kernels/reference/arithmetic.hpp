// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>

namespace crossjoule::kernels::reference {

/// sum + a * b: the one place where products are formed, so that a counting scalar can overload it
/// and count multiply-accumulates apart from other operations.
template <class T>
T multiply_add(T const& sum, T const& a, T const& b) {
  return sum + a * b;
}

}  // namespace crossjoule::kernels::reference
