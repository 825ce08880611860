// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/trainer.hpp"

#include "core/error.hpp"
#include "runtime/shuffle.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numbers>
#include <numeric>
#include <optional>

namespace crossjoule::runtime {
namespace {

std::int64_t leaves_of(std::int64_t rows, std::int64_t micro_batch) {
  return (rows + micro_batch - 1) / micro_batch;
}

/// Rows of micro-batch `leaf` within `rows`.
core::Share leaf_rows(std::int64_t leaf, std::int64_t micro_batch, std::int64_t rows) {
  return {leaf * micro_batch, std::min((leaf + 1) * micro_batch, rows)};
}

PlanOptions training_plan(TrainOptions const& options) {
  return {.device = options.device,
          .purpose = Purpose::training,
          .max_batch = options.micro_batch,
          .keep = options.keep,
          .access = ParameterAccess::in_place};  // a state's parameters change between steps alone
}
/// Networks with targets of their own are validated by the plan that trains them: a second one
/// would hold all parameters once more. The others have one input, and may go through tiles, which
/// is faster.
bool validates_with_training_plan(models::Graph const& graph) {
  return models::input_nodes(graph).size() > 1;
}
PlanOptions validation_plan(TrainOptions const& options) {
  return {
      .device = options.device, .purpose = Purpose::inference, .max_batch = options.micro_batch};
}

template <class T>
bool all_finite(std::span<T const> values) {
  return std::all_of(values.begin(), values.end(), [](T value) { return std::isfinite(value); });
}

}  // namespace

TrainOptions read_train_options(core::Config training, TrainOptions const& defaults) {
  TrainOptions options = defaults;
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
  options.clip_norm =
      training.take("clip_norm", options.clip_norm,
                    "longest mean gradient (2-norm over all parameters); 0: any", {0.0, 1e30});
  options.start_from =
      training.take("start_from", options.start_from,
                    "record of an earlier run whose weights to start from; the optimizer is reset");
  bool const recomputes = training.take(
      "recompute", options.keep == Keep::segment_borders,
      "run each block of the network again on the way back in place of keeping its values: less "
      "memory, a forward pass more, the same bits");
  options.keep = recomputes ? Keep::segment_borders : Keep::all_but_cheap;
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
      plan_(graph, training_plan(options)),
      gradient_sum_(comm, leaves_of(options.batch, options.micro_batch), layout_.words),
      loss_sum_(comm, leaves_of(options.batch, options.micro_batch), 2) {
  rows_.resize(static_cast<std::size_t>(options.micro_batch * models::sample_size(graph)));
}

template <class T>
TrainState<T> Trainer<T>::initial_state() const {
  return state_from(initial_parameters<T>(layout_, graph_, options_.seed));
}

template <class T>
TrainState<T> Trainer<T>::state_from(std::vector<T> parameters) {
  TrainState<T> state;
  state.parameters = std::move(parameters);
  state.moment1.assign(state.parameters.size(), T(0));
  state.moment2.assign(state.parameters.size(), T(0));
  state.best_parameters = state.parameters;
  return state;
}

template <class T>
std::int64_t Trainer<T>::batches_per_epoch(Rows<T> const& data) const {
  return leaves_of(data.rows(), options_.batch);
}

template <class T>
core::Share Trainer<T>::batch_rows(std::int64_t batch, std::int64_t rows) const {
  return {batch * options_.batch, std::min((batch + 1) * options_.batch, rows)};
}

/// Shuffle, and tell the source which rows this rank will want until the epoch ends.
template <class T>
void Trainer<T>::begin_epoch(Rows<T>& data, TrainState<T> const& state) {
  order_ = epoch_order(data.rows(), options_.seed, state.epoch);
  order_epoch_ = state.epoch;
  std::vector<std::int64_t> mine;
  for (auto b = state.batches_done; b < batches_per_epoch(data); ++b) {
    auto const batch = batch_rows(b, data.rows());
    auto const leaves = comm_.share(leaves_of(batch.count(), options_.micro_batch));
    auto const last = std::min(leaves.last * options_.micro_batch, batch.count());
    for (auto r = leaves.first * options_.micro_batch; r < last; ++r)
      mine.push_back(order_[static_cast<std::size_t>(batch.first + r)]);
  }
  data.expect(mine);
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
void Trainer<T>::add_gradients(Rows<T>& data, core::Share batch, std::span<T const> parameters) {
  plan_.set_parameters(parameters);
  auto const leaves = leaves_of(batch.count(), options_.micro_batch);
  gradient_sum_.begin(leaves);
  loss_sum_.begin(leaves);
  auto const features = static_cast<std::size_t>(data.features());
  std::span<T> const room(rows_);
  for (auto leaf = gradient_sum_.mine().first; leaf < gradient_sum_.mine().last; ++leaf) {
    auto const rows = leaf_rows(leaf, options_.micro_batch, batch.count());
    auto const input = room.first(static_cast<std::size_t>(rows.count()) * features);
    for (auto r = rows.first; r < rows.last; ++r)
      data.read(order_[static_cast<std::size_t>(batch.first + r)],
                input.subspan(static_cast<std::size_t>(r - rows.first) * features, features));
    auto const loss = loss_sum_.next_leaf();
    loss[0] = plan_.loss_and_gradient(input, rows.count(), gradient_sum_.next_leaf());
    loss[1] = 0;
    gradient_sum_.add_leaf();
    loss_sum_.add_leaf();
  }
}

template <class T>
typename Trainer<T>::Next Trainer<T>::step(Rows<T>& data, TrainState<T>& state, Next wish) {
  if (order_epoch_ != state.epoch) begin_epoch(data, state);
  core::Share const batch = batch_rows(state.batches_done, data.rows());
  add_gradients(data, batch, state.parameters);
  auto const gradient = gradient_sum_.finish();
  double const loss = loss_sum_.finish()[0];
  double const stops = comm_.max(wish == Next::stop ? 1 : 0);

  AdamOptions adam = options_.adam;
  adam.learning_rate = learning_rate(state.epoch);
  if (options_.weight_decay > 0)
    for (T& value : state.parameters)
      value -= static_cast<T>(adam.learning_rate * options_.weight_decay) * value;
  double scale = 1.0 / static_cast<double>(batch.count());
  if (options_.clip_norm > 0) scale *= clip_factor<T>(gradient, scale, options_.clip_norm);
  bool const finite = adam_step<T>(adam, state.step + 1, scale, state.parameters, gradient,
                                   state.moment1, state.moment2);
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
void Trainer<T>::finish_epoch(Rows<T> const& data, Rows<T>& validation, TrainState<T>& state) {
  state.train_loss.push_back(state.loss_sum / static_cast<double>(data.rows()));
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
double Trainer<T>::mean_loss(Rows<T>& data, std::vector<T> const& parameters) {
  std::optional<Plan<T>> own;
  if (!validates_with_training_plan(graph_)) own.emplace(graph_, validation_plan(options_));
  Plan<T>& plan = own ? *own : plan_;
  plan.set_parameters(parameters);
  auto const leaves = leaves_of(data.rows(), options_.micro_batch);
  core::OrderedSum<double> sum(comm_, leaves, 1);
  sum.begin(leaves);
  core::Share const mine{sum.mine().first * options_.micro_batch,
                         std::min(sum.mine().last * options_.micro_batch, data.rows())};
  std::vector<std::int64_t> wanted(
      static_cast<std::size_t>(std::max<std::int64_t>(0, mine.count())));
  std::iota(wanted.begin(), wanted.end(), mine.first);
  data.expect(wanted);
  std::vector<T> objective(static_cast<std::size_t>(options_.micro_batch));
  auto const features = static_cast<std::size_t>(data.features());
  std::span<T> const room(rows_);
  for (auto leaf = sum.mine().first; leaf < sum.mine().last; ++leaf) {
    auto const rows = leaf_rows(leaf, options_.micro_batch, data.rows());
    auto const count = static_cast<std::size_t>(rows.count());
    for (std::size_t r = 0; r < count; ++r)
      data.read(rows.first + static_cast<std::int64_t>(r), room.subspan(r * features, features));
    auto const answers = std::span(objective).first(count);
    plan.infer(room.first(count * features), rows.count(), {}, answers);
    double total = 0;
    for (T value : answers) total += static_cast<double>(value);
    sum.next_leaf()[0] = total;
    sum.add_leaf();
  }
  return sum.finish()[0] / static_cast<double>(data.rows());
}

template <class T>
std::int64_t training_bytes(models::Graph const& graph, TrainOptions const& options, int ranks,
                            int rank) {
  auto const words = ParamLayout(graph).words;
  auto const leaves = leaves_of(options.batch, options.micro_batch);
  // state: parameters, the best, two moments; gradients in the rank's part of the tree
  auto const vectors = 4 + core::OrderedSum<T>::vectors(leaves, ranks, rank);
  auto const row = models::sample_size(graph) * static_cast<std::int64_t>(sizeof(T));
  return vectors * words * static_cast<std::int64_t>(sizeof(T)) + options.micro_batch * row +
         predicted_bytes<T>(graph, training_plan(options)).total() +
         (validates_with_training_plan(graph)
              ? 0
              : predicted_bytes<T>(graph, validation_plan(options)).total());
}

template std::int64_t training_bytes<float>(models::Graph const&, TrainOptions const&, int, int);
template std::int64_t training_bytes<double>(models::Graph const&, TrainOptions const&, int, int);

template <class T>
double clip_factor(std::span<T const> gradient, double scale, double clip_norm) {
  constexpr std::size_t lanes = 8;  // partial sums of a fixed number, which compilers vectorise
  std::array<double, lanes> sums{};
  std::size_t const whole = gradient.size() / lanes * lanes;
  for (std::size_t i = 0; i < whole; i += lanes)
    for (std::size_t k = 0; k < lanes; ++k) {
      auto const value = static_cast<double>(gradient[i + k]);
      sums[k] += value * value;
    }
  double total = 0;
  for (double sum : sums) total += sum;
  for (std::size_t i = whole; i < gradient.size(); ++i)
    total += static_cast<double>(gradient[i]) * static_cast<double>(gradient[i]);
  return std::min(1.0, clip_norm / (scale * std::sqrt(total) + 1e-6));
}

template double clip_factor<float>(std::span<float const>, double, double);
template double clip_factor<double>(std::span<double const>, double, double);
template class Trainer<float>;
template class Trainer<double>;

}  // namespace crossjoule::runtime
