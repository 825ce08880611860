// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/trainer.hpp"

#include "core/error.hpp"
#include "runtime/shuffle.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace crossjoule::runtime {
namespace {

std::int64_t leaves_of(std::int64_t rows, std::int64_t micro_batch) {
  return (rows + micro_batch - 1) / micro_batch;
}

/// Rows of micro-batch `leaf` within `rows`.
core::Share leaf_rows(std::int64_t leaf, std::int64_t micro_batch, std::int64_t rows) {
  return {leaf * micro_batch, std::min((leaf + 1) * micro_batch, rows)};
}

template <class T>
bool all_finite(std::span<T const> values) {
  return std::all_of(values.begin(), values.end(), [](T value) { return std::isfinite(value); });
}

}  // namespace

TrainOptions read_train_options(core::Config training) {
  TrainOptions options;
  auto const whole = [](std::int64_t low) {
    return core::Range<std::int64_t>{low, std::int64_t{1} << 40};
  };
  options.epochs =
      training.take("epochs", options.epochs, "passes over the training set", whole(1));
  options.batch =
      training.take("batch", options.batch, "rows per optimizer step, over all ranks", whole(1));
  options.micro_batch = training.take("micro_batch", options.micro_batch,
                                      "rows per leaf of the exact reduction tree; part of the "
                                      "result's bits, never of the rank count",
                                      whole(1));
  options.adam.learning_rate =
      training.take("learning_rate", options.adam.learning_rate, "Adam step size", {0.0, 1e3});
  options.adam.beta1 =
      training.take("beta1", options.adam.beta1, "Adam first-moment decay", {0.0, 0.999999});
  options.adam.beta2 =
      training.take("beta2", options.adam.beta2, "Adam second-moment decay", {0.0, 0.99999999});
  options.adam.epsilon = training.take("epsilon", options.adam.epsilon, "Adam epsilon", {0.0, 1.0});
  options.weight_decay = training.take("weight_decay", options.weight_decay,
                                       "decoupled weight decay (AdamW)", {0.0, 1e3});
  options.schedule = training.take_choice("schedule", options.schedule,
                                          "learning rate over the epochs: constant or cosine",
                                          {"constant", "cosine"});
  training.take_choice(
      "reduce", "exact",
      "gradient reduction: exact = one canonical tree, same bits for any rank count", {"exact"});
  VALIDATE(options.micro_batch <= options.batch,
           "training.micro_batch = {} (must not exceed training.batch = {}) lower it{}",
           options.micro_batch, options.batch, training.where("micro_batch"));
  return options;
}

template <class T>
Trainer<T>::Trainer(models::Graph const& graph, TrainOptions const& options, core::Comm const& comm)
    : graph_(graph),
      layout_(graph),
      options_(options),
      comm_(comm),
      plan_(graph, {options.device, Purpose::training, options.micro_batch}),
      gradient_sum_(comm, leaves_of(options.batch, options.micro_batch), layout_.words),
      loss_sum_(comm, leaves_of(options.batch, options.micro_batch), 2) {
  auto const features = models::shapes(graph).front().size();
  rows_.resize(static_cast<std::size_t>(options.micro_batch * features));
}

template <class T>
TrainState<T> Trainer<T>::initial_state() const {
  TrainState<T> state;
  state.parameters = initial_parameters<T>(layout_, graph_, options_.seed);
  state.moment1.assign(state.parameters.size(), T(0));
  state.moment2.assign(state.parameters.size(), T(0));
  state.best_parameters = state.parameters;
  return state;
}

template <class T>
std::int64_t Trainer<T>::batches_per_epoch(Matrix<T> const& data) const {
  return leaves_of(data.rows, options_.batch);
}

template <class T>
double Trainer<T>::learning_rate(std::int64_t epoch) const {
  if (options_.schedule == "constant") return options_.adam.learning_rate;
  double const done = static_cast<double>(epoch) / static_cast<double>(options_.epochs);
  return options_.adam.learning_rate * 0.5 * (1 + std::cos(std::numbers::pi * done));
}

/// Each micro-batch of this rank: gather its shuffled rows, take the gradient of their summed
/// objective, hand it to the tree.
template <class T>
void Trainer<T>::add_gradients(Matrix<T> const& data, core::Share batch,
                               std::span<T const> parameters) {
  plan_.set_parameters(parameters);
  auto const leaves = leaves_of(batch.count(), options_.micro_batch);
  gradient_sum_.begin(leaves);
  loss_sum_.begin(leaves);
  auto const features = static_cast<std::size_t>(data.features);
  for (auto leaf = gradient_sum_.mine().first; leaf < gradient_sum_.mine().last; ++leaf) {
    auto const rows = leaf_rows(leaf, options_.micro_batch, batch.count());
    for (auto r = rows.first; r < rows.last; ++r) {
      auto const from = data.row_span(order_[static_cast<std::size_t>(batch.first + r)], 1);
      std::copy(from.begin(), from.end(), rows_.begin() + (r - rows.first) * data.features);
    }
    std::span<T const> const input(rows_.data(), static_cast<std::size_t>(rows.count()) * features);
    auto const loss = loss_sum_.next_leaf();
    loss[0] = plan_.loss_and_gradient(input, rows.count(), gradient_sum_.next_leaf());
    loss[1] = 0;
    gradient_sum_.add_leaf();
    loss_sum_.add_leaf();
  }
}

template <class T>
typename Trainer<T>::Next Trainer<T>::step(Matrix<T> const& data, TrainState<T>& state, Next wish) {
  if (order_epoch_ != state.epoch) {
    order_ = epoch_order(data.rows, options_.seed, state.epoch);
    order_epoch_ = state.epoch;
  }
  core::Share const batch{state.batches_done * options_.batch,
                          std::min((state.batches_done + 1) * options_.batch, data.rows)};
  add_gradients(data, batch, state.parameters);
  auto const gradient = gradient_sum_.finish();
  double const loss = loss_sum_.finish()[0];
  double const stops = comm_.max(wish == Next::stop ? 1 : 0);

  AdamOptions adam = options_.adam;
  adam.learning_rate = learning_rate(state.epoch);
  if (options_.weight_decay > 0)
    for (T& value : state.parameters)
      value -= static_cast<T>(adam.learning_rate * options_.weight_decay) * value;
  bool const finite = adam_step<T>(adam, state.step + 1, 1.0 / static_cast<double>(batch.count()),
                                   state.parameters, gradient, state.moment1, state.moment2);
  if (!finite || !std::isfinite(loss)) fail_non_finite(state, gradient);
  state.loss_sum += loss;
  ++state.step;
  ++state.batches_done;
  return stops > 0 ? Next::stop : Next::go_on;
}

template <class T>
void Trainer<T>::fail_non_finite(TrainState<T> const& state, std::span<T const> gradient) const {
  auto const culprit = [&]() -> std::string {
    for (auto const& tensor : layout_.tensors) {
      auto const part = gradient.subspan(static_cast<std::size_t>(tensor.offset),
                                         static_cast<std::size_t>(tensor.parameter.size()));
      if (!all_finite(part)) return "the gradient of " + tensor.parameter.name;
    }
    for (auto const& tensor : layout_.tensors) {
      auto const part = std::span<T const>(state.parameters)
                            .subspan(static_cast<std::size_t>(tensor.offset),
                                     static_cast<std::size_t>(tensor.parameter.size()));
      if (!all_finite(part)) return "parameter " + tensor.parameter.name;
    }
    return "the loss";
  }();
  core::fail(core::ExitCode::non_finite,
             "training left the finite numbers in epoch {}, step {}, rank {}: {} (diverged) lower "
             "training.learning_rate",
             state.epoch + 1, state.step + 1, comm_.rank(), culprit);
}

template <class T>
void Trainer<T>::finish_epoch(Matrix<T> const& data, Matrix<T> const& validation,
                              TrainState<T>& state) {
  state.train_loss.push_back(state.loss_sum / static_cast<double>(data.rows));
  double const loss = mean_loss(validation, state.parameters);
  VALIDATE_AS(ExitCode::non_finite, std::isfinite(loss),
              "the validation loss of epoch {} is not finite (training diverged) lower "
              "training.learning_rate",
              state.epoch + 1);
  if (state.best_epoch < 0 ||
      loss < state.validation_loss[static_cast<std::size_t>(state.best_epoch)]) {
    state.best_epoch = state.epoch;
    state.best_parameters = state.parameters;
  }
  state.validation_loss.push_back(loss);
  state.loss_sum = 0;
  state.batches_done = 0;
  ++state.epoch;
}

template <class T>
double Trainer<T>::mean_loss(Matrix<T> const& data, std::vector<T> const& parameters) {
  Plan<T> plan(graph_, {options_.device, Purpose::inference, options_.micro_batch});
  plan.set_parameters(parameters);
  auto const leaves = leaves_of(data.rows, options_.micro_batch);
  core::OrderedSum<double> sum(comm_, leaves, 1);
  sum.begin(leaves);
  std::vector<T> objective(static_cast<std::size_t>(options_.micro_batch));
  for (auto leaf = sum.mine().first; leaf < sum.mine().last; ++leaf) {
    auto const rows = leaf_rows(leaf, options_.micro_batch, data.rows);
    std::span<T> const mine(objective.data(), static_cast<std::size_t>(rows.count()));
    plan.infer(data.row_span(rows.first, rows.count()), rows.count(), {}, mine);
    double total = 0;
    for (T value : mine) total += static_cast<double>(value);
    sum.next_leaf()[0] = total;
    sum.add_leaf();
  }
  return sum.finish()[0] / static_cast<double>(data.rows);
}

template class Trainer<float>;
template class Trainer<double>;

}  // namespace crossjoule::runtime
