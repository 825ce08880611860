// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/session.hpp"
#include "models/graph.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace crossjoule::runtime {

/// What a plan is for: inference keeps no activations and may fuse the whole network per tile of
/// samples; training keeps what backward needs.
enum class Purpose { inference, training };

struct PlanOptions {
  kernels::Device device = kernels::Device::cpu;
  Purpose purpose = Purpose::inference;
  std::int64_t max_batch = 1;  ///< samples per call; longer calls of infer() go tile by tile
};

/// A Graph turned into kernels on one device of one rank. All memory is sized and allocated at
/// construction; no call afterwards allocates. T is float or double. Rows are samples, row-major,
/// contiguous; spans are host memory (a cuda plan copies).
template <class T>
class Plan {
 public:
  Plan(models::Graph const& graph, PlanOptions const& options);
  ~Plan();
  Plan(Plan&&) noexcept;

  /// Copy in all parameters, in ParamLayout order and padding; packs them for the kernels.
  void set_parameters(std::span<T const> values);

  /// Inference of `batch` rows (any number). `output` takes batch x output size, `objective` takes
  /// batch numbers; either may be empty. On a CPU the bits of a row depend on nothing but the row:
  /// not on the batch, its place in it, or the number of threads.
  void infer(std::span<T const> input, std::int64_t batch, std::span<T> output,
             std::span<T> objective);

  /// Training plans: sum over `batch` rows (<= max_batch) of the objective, and the gradient of
  /// that sum in ParamLayout order (all of `gradient` is overwritten, padding with 0).
  double loss_and_gradient(std::span<T const> input, std::int64_t batch, std::span<T> gradient);

  /// Training plans: host copy of a node's value after the last loss_and_gradient() (batch x node
  /// size). What lies inside a fused layer is computed again, so on a CPU the input of that call
  /// must still be where it was.
  void activation(models::NodeId node, std::span<T> into) const;

  std::int64_t workspace_bytes() const;
  /// One line per step, for logs and records: "layer0+elu: fused chain, tile 96".
  std::string describe() const;

  class Executor;

 private:
  std::unique_ptr<Executor> executor_;
};

/// One Adam step in place over flat buffers (Kingma & Ba 2015, algorithm 1, epsilon outside the
/// square root of the corrected second moment): step counts from 1, gradient is multiplied by
/// `scale` first. Returns false if any new parameter is not finite.
struct AdamOptions {
  double learning_rate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
};
template <class T>
bool adam_step(AdamOptions const& options, std::int64_t step, double scale, std::span<T> parameters,
               std::span<T const> gradient, std::span<T> moment1, std::span<T> moment2);

extern template class Plan<float>;
extern template class Plan<double>;

}  // namespace crossjoule::runtime
