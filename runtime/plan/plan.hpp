// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/session.hpp"
#include "models/graph.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace crossjoule::runtime {

/// What a plan is for: inference keeps no activations and, where rows of a sample never meet, takes
/// the whole network per tile of samples; training keeps what backward needs.
enum class Purpose { inference, training };

/// What a training plan holds between the way forward and the way back. The gradients have the same
/// bits whatever is kept.
enum class Keep {
  all_but_cheap,    ///< what backward reads; layer norms and GELUs are computed again
  segment_borders,  ///< few values; backward runs each segment (a block, say) forward once more
  everything,       ///< all values and all gradients, for activation() and gradient(); no fusing
};

/// Where a plan finds the parameters after set_parameters().
enum class ParameterAccess {
  copied,    ///< in a packed copy of its own
  in_place,  ///< training: in the caller's buffer, which must stay as it is until the next
             ///< set_parameters(); weights of large products are packed when they are used
};

struct PlanOptions {
  kernels::Device device = kernels::Device::cpu;
  Purpose purpose = Purpose::inference;
  std::int64_t max_batch = 1;  ///< samples per call; longer calls of infer() go in parts
  Keep keep = Keep::all_but_cheap;
  ParameterAccess access = ParameterAccess::copied;
};

/// A Graph turned into kernels on one device of one rank. All memory is sized and allocated at
/// construction; no call afterwards allocates. T is float or double. A sample is one row of
/// models::sample_size() numbers: the values of the network's inputs one after the other, row-major
/// and contiguous. Spans are host memory (a cuda plan copies).
template <class T>
class Plan {
 public:
  Plan(models::Graph const& graph, PlanOptions const& options);
  ~Plan();
  Plan(Plan&&) noexcept;

  /// Take all parameters, in ParamLayout order and padding; packs them for the kernels.
  void set_parameters(std::span<T const> values);

  /// Inference of `batch` rows (any number). `output` takes batch x output size and must not
  /// overlap `input`, `objective` takes batch numbers; either may be empty. On a CPU the bits of a
  /// row depend on nothing but the row: not on the batch, its place in it, or the number of
  /// threads.
  void infer(std::span<T const> input, std::int64_t batch, std::span<T> output,
             std::span<T> objective);

  /// Training plans: sum over `batch` rows (<= max_batch) of the objective, and the gradient of
  /// that sum in ParamLayout order (all of `gradient` is overwritten; padding, and parameters the
  /// objective does not depend on, with 0).
  double loss_and_gradient(std::span<T const> input, std::int64_t batch, std::span<T> gradient);

  /// Training plans with Keep::everything: host copy of a node's value after the last
  /// loss_and_gradient() (batch x node size). The input of that call must still be where it was.
  void activation(models::NodeId node, std::span<T> into) const;
  /// The same of the summed objective's gradient by a node's value. Error (internal) for nodes that
  /// no gradient reaches: targets, the objective, what it does not depend on.
  void gradient(models::NodeId node, std::span<T> into) const;

  /// What the plan has allocated; predicted_bytes() says it beforehand.
  std::int64_t workspace_bytes() const;
  /// One line per step, for logs and records: "layer0+elu: linear 76 -> 512".
  std::string describe() const;

  class Executor;

 private:
  std::unique_ptr<Executor> executor_;
};

/// Memory of a plan by use, in bytes.
struct PlanBytes {
  std::int64_t parameters = 0;  ///< copies and packed forms
  std::int64_t values = 0;      ///< values of nodes and their gradients
  std::int64_t scratch = 0;     ///< what kernels need beside, copies of inputs
  std::int64_t total() const { return parameters + values + scratch; }
};
/// What Plan<T>(graph, options) will allocate, to the byte but for small tables of Fourier
/// transforms; nothing is allocated for it. A Session must be running.
template <class T>
PlanBytes predicted_bytes(models::Graph const& graph, PlanOptions const& options);

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
