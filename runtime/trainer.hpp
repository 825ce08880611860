// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/comm.hpp"
#include "core/config.hpp"
#include "core/ordered_sum.hpp"
#include "models/graph.hpp"
#include "runtime/params.hpp"
#include "runtime/plan/plan.hpp"
#include "runtime/rows.hpp"

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
  double clip_norm = 0;             ///< longest mean gradient allowed (2-norm); 0: any
  std::string start_from;           ///< record of an earlier run; "": fresh weights
  std::uint64_t seed = 1;
  Keep keep = Keep::all_but_cheap;  ///< of the values between forward and backward
  kernels::Device device = kernels::Device::cpu;
};
/// Read the table `[training]`; device and seed are keys of the root.
TrainOptions read_train_options(core::Config training, TrainOptions const& defaults = {});

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
  /// A state that starts from given parameters (in layout()), the optimizer at rest.
  static TrainState<T> state_from(std::vector<T> parameters);
  std::int64_t batches_per_epoch(Rows<T> const& data) const;

  /// One optimizer step on batch `state.batches_done` of the current epoch, on all ranks. Error
  /// (non_finite) names epoch, step and tensor. Returns true if any rank asks to stop.
  enum class Next { go_on, stop };
  Next step(Rows<T>& data, TrainState<T>& state, Next wish = Next::go_on);
  /// Closes the epoch after its last batch: mean training loss, validation loss, best parameters.
  void finish_epoch(Rows<T> const& data, Rows<T>& validation, TrainState<T>& state);
  /// Mean objective per row; the same bits for any rank count.
  double mean_loss(Rows<T>& data, std::vector<T> const& parameters);

  std::int64_t workspace_bytes() const { return plan_.workspace_bytes(); }
  std::string describe() const { return plan_.describe(); }

 private:
  core::Share batch_rows(std::int64_t batch, std::int64_t rows) const;
  void begin_epoch(Rows<T>& data, TrainState<T> const& state);
  void add_gradients(Rows<T>& data, core::Share batch, std::span<T const> parameters);
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

/// Bytes that a rank of `ranks` takes at the most while it trains on micro-batches that it reads
/// one by one: parameters, optimizer, gradients, and the plans of a step and of the validation, in
/// which these numbers peak. A Session must be running.
template <class T>
std::int64_t training_bytes(models::Graph const& graph, TrainOptions const& options, int ranks,
                            int rank);

/// What the gradient's sum times `scale` is multiplied by so that its 2-norm is at most
/// `clip_norm`: min(1, clip_norm / (norm + 1e-6)), as torch.nn.utils.clip_grad_norm_ has it. The
/// norm is summed in fp64 in one fixed order: the same bits wherever the gradient has the same
/// bits.
template <class T>
double clip_factor(std::span<T const> gradient, double scale, double clip_norm);

extern template class Trainer<float>;
extern template class Trainer<double>;

}  // namespace crossjoule::runtime
