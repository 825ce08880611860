// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/comm.hpp"
#include "core/config.hpp"
#include "core/ordered_sum.hpp"
#include "models/graph.hpp"
#include "runtime/matrix.hpp"
#include "runtime/params.hpp"
#include "runtime/plan/plan.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace crossjoule::runtime {

struct TrainOptions {
  std::int64_t epochs = 10;
  std::int64_t batch = 1024;  ///< global batch: rows per optimizer step, whatever the rank count
  std::int64_t micro_batch = 128;  ///< rows per leaf of the reduction tree; never depends on ranks
  AdamOptions adam;
  std::string schedule = "cosine";  ///< of the learning rate per epoch: "constant", "cosine"
  double weight_decay = 0;          ///< decoupled (AdamW), per step times the learning rate
  std::uint64_t seed = 1;
  kernels::Device device = kernels::Device::cpu;
};
/// Read the table `[training]`; device and seed are keys of the root.
TrainOptions read_train_options(core::Config training);

/// All that changes while a network trains: what a checkpoint holds, to the last bit.
template <class T>
struct TrainState {
  std::vector<T> parameters, moment1, moment2;  ///< in ParamLayout
  std::vector<T> best_parameters;               ///< of the epoch with the lowest validation loss
  std::int64_t epoch = 0;                       ///< epochs finished
  std::int64_t step = 0;                        ///< optimizer steps taken in all
  std::int64_t batches_done = 0;                ///< batches of the current epoch that are finished
  std::int64_t best_epoch = -1;
  double loss_sum = 0;  ///< over the rows of the current epoch's batches
  std::vector<double> train_loss,
      validation_loss;  ///< one number per finished epoch (mean per row)
};

/// Trains one network on all ranks: each step sums the micro-batch gradients in one canonical tree
/// (core::OrderedSum), so the loss curve and the weights have the same bits for any rank count.
template <class T>
class Trainer {
 public:
  Trainer(models::Graph const& graph, TrainOptions const& options, core::Comm const& comm);

  ParamLayout const& layout() const { return layout_; }
  TrainState<T> initial_state() const;
  std::int64_t batches_per_epoch(Matrix<T> const& data) const;

  /// One optimizer step on batch `state.batches_done` of the current epoch, on all ranks. Error
  /// (non_finite) names epoch, step and tensor. Returns true if any rank asks to stop.
  enum class Next { go_on, stop };
  Next step(Matrix<T> const& data, TrainState<T>& state, Next wish = Next::go_on);
  /// Closes the epoch after its last batch: mean training loss, validation loss, best parameters.
  void finish_epoch(Matrix<T> const& data, Matrix<T> const& validation, TrainState<T>& state);
  /// Mean objective per row; the same bits for any rank count.
  double mean_loss(Matrix<T> const& data, std::vector<T> const& parameters);

  std::int64_t workspace_bytes() const { return plan_.workspace_bytes(); }
  std::string describe() const { return plan_.describe(); }

 private:
  void add_gradients(Matrix<T> const& data, core::Share batch, std::span<T const> parameters);
  [[noreturn]] void fail_non_finite(TrainState<T> const& state, std::span<T const> gradient) const;
  double learning_rate(std::int64_t epoch) const;

  models::Graph graph_;
  ParamLayout layout_;
  TrainOptions options_;
  core::Comm comm_;
  Plan<T> plan_;
  core::OrderedSum<T> gradient_sum_;
  core::OrderedSum<double> loss_sum_;  ///< words: sum of the objective, wishes to stop
  std::vector<T> rows_;
  std::vector<std::int64_t> order_;
  std::int64_t order_epoch_ = -1;
};

extern template class Trainer<float>;
extern template class Trainer<double>;

}  // namespace crossjoule::runtime
