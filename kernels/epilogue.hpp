// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace crossjoule::kernels {

/// What happens to a sum before it is stored: nothing, an activation, or (backward) the product
/// with an activation's derivative, which is computed from the activation's own result.
enum class Epilogue { none, relu, elu, relu_gradient, elu_gradient };

/// An epilogue with its parameter. alpha belongs to elu and must be positive: the sign of the
/// result then tells which branch was taken.
struct Fused {
  Epilogue kind = Epilogue::none;
  double alpha = 1;
};

/// The backward partner of an activation.
constexpr Epilogue gradient_of(Epilogue activation) {
  switch (activation) {
    case Epilogue::relu: return Epilogue::relu_gradient;
    case Epilogue::elu: return Epilogue::elu_gradient;
    default: return Epilogue::none;
  }
}

}  // namespace crossjoule::kernels
