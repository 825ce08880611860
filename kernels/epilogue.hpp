// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace crossjoule::kernels {

/// What happens to a sum before it is stored: nothing, an activation, or (backward) the product
/// with an activation's derivative.
///
/// The derivative is computed from an operand, and which one depends on the kind:
/// | kind | formula | operand |
/// |---|---|---|
/// | relu | max(x, 0) | - |
/// | elu | x > 0 ? x : alpha (exp(x) - 1) | - |
/// | gelu | x Phi(x), Phi(x) = (1 + erf(x / sqrt 2)) / 2 (exact, not the tanh form) | - |
/// | soft_shrink | sign(x) max(abs(x) - alpha, 0) | - |
/// | leaky_relu | x > 0 ? x : alpha x | - |
/// | relu_gradient | y > 0 ? g : 0 | result y |
/// | elu_gradient | y > 0 ? g : g (y + alpha) | result y |
/// | gelu_gradient | g (Phi(x) + x exp(-x^2 / 2) / sqrt(2 pi)) | **input** x |
/// | soft_shrink_gradient | y != 0 ? g : 0, so 0 where abs(x) <= alpha | result y |
/// | leaky_relu_gradient | y > 0 ? g : alpha g | result y |
enum class Epilogue {
  none,
  relu,
  elu,
  gelu,
  soft_shrink,
  leaky_relu,
  relu_gradient,
  elu_gradient,
  gelu_gradient,
  soft_shrink_gradient,
  leaky_relu_gradient
};

/// An epilogue with its parameter. Of elu and leaky_relu, alpha must be positive: the sign of the
/// result then tells which branch was taken. Of soft_shrink, alpha is the threshold and must not be
/// negative.
struct Fused {
  Epilogue kind = Epilogue::none;
  double alpha = 1;
};

/// The backward partner of an activation.
constexpr Epilogue gradient_of(Epilogue activation) {
  switch (activation) {
    case Epilogue::relu: return Epilogue::relu_gradient;
    case Epilogue::elu: return Epilogue::elu_gradient;
    case Epilogue::gelu: return Epilogue::gelu_gradient;
    case Epilogue::soft_shrink: return Epilogue::soft_shrink_gradient;
    case Epilogue::leaky_relu: return Epilogue::leaky_relu_gradient;
    default: return Epilogue::none;
  }
}

/// Does this epilogue read an operand?
constexpr bool is_gradient(Epilogue kind) {
  return kind == Epilogue::relu_gradient || kind == Epilogue::elu_gradient ||
         kind == Epilogue::gelu_gradient || kind == Epilogue::soft_shrink_gradient ||
         kind == Epilogue::leaky_relu_gradient;
}

/// Is the operand of an activation's derivative its input? (Otherwise its result.)
constexpr bool gradient_reads_input(Epilogue activation) { return activation == Epilogue::gelu; }

}  // namespace crossjoule::kernels
