// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/plan/tile_runner.hpp"

#include "core/error.hpp"
#include "kernels/cpu/dense.hpp"
#include "kernels/cpu/layer_norm.hpp"
#include "kernels/cpu/pointwise.hpp"
#include "kernels/cpu/row_functions.hpp"
#include "models/overloaded.hpp"

#include <algorithm>

namespace crossjoule::runtime {
namespace {

namespace cpu = kernels::cpu;
using kernels::HostSpace;

/// Activations of a tile may take this much of the second cache; the rest is for weights.
constexpr std::int64_t tile_bytes = 384 * 1024;
constexpr std::int64_t most_rows = 120;

/// From the step that makes a value to the last one that reads it; the answer is kept to the end.
std::vector<Lifetime> lifetimes(Program const& program, std::vector<std::int64_t> const& strides,
                                std::int64_t samples) {
  std::vector<Lifetime> all(program.values.size());
  for (int s = 0; s < static_cast<int>(program.steps.size()); ++s) {
    Step const& step = program.steps[s];
    Value const& value = program.values[step.result];
    if (step.result != program.objective)
      all[step.result] = {s, s, samples * value.rows * strides[step.result]};
    for (models::NodeId const id : step.inputs) all[id].last = s;
  }
  if (program.output != program.inputs[0])
    all[program.output].last = static_cast<int>(program.steps.size());
  return all;
}

/// What needs more than one row of a sample at a time, or several inputs: never in a tile.
struct NotInTiles {
  void operator()(models::PatchEmbed const&) const { refuse(); }
  void operator()(models::PatchRestore const&) const { refuse(); }
  void operator()(models::FourierTransform const&) const { refuse(); }
  void operator()(models::InverseFourierTransform const&) const { refuse(); }
  void operator()(models::ComplexLinear const&) const { refuse(); }
  void operator()(models::RelativeError const&) const { refuse(); }
  void operator()(models::Conv2d const&) const { refuse(); }
  void operator()(models::Pool2d const&) const { refuse(); }
  void operator()(models::GlobalAveragePool const&) const { refuse(); }
  void operator()(models::Flatten const&) const { refuse(); }
  void operator()(models::JoinChannels const&) const { refuse(); }
  void operator()(models::TakeChannels const&) const { refuse(); }

 private:
  [[noreturn]] static void refuse() {
    core::fail(core::ExitCode::internal,
               "an operation on a grid reached a tile (tiles are for rows alone) run it by steps");
  }
};

}  // namespace

TileSizes::TileSizes(Program const& program, std::int64_t bytes_of_number,
                     std::vector<std::int64_t> all_strides)
    : strides(std::move(all_strides)) {
  strides[program.inputs[0]] = program.values[program.inputs[0]].columns;
  if (program.objective >= 0) strides[program.objective] = 1;  // one number a sample, side by side
  std::int64_t rows = 1;
  for (Value const& value : program.values)
    if (value.is_live) rows = std::max(rows, value.rows);
  std::int64_t const one = arrange(lifetimes(program, strides, 1)).size;
  std::int64_t const fitting = tile_bytes / std::max<std::int64_t>(1, one * bytes_of_number);
  samples = std::max<std::int64_t>(1, std::min(fitting, most_rows / std::min(rows, most_rows)));
  if (std::int64_t const block = cpu::rows_per_block(); samples > block) samples -= samples % block;
  arena = arrange(lifetimes(program, strides, samples));
}

template <class T>
TileSizes tile_sizes(Program const& program) {
  std::vector<std::int64_t> strides;
  for (Value const& value : program.values) strides.push_back(cpu::good_stride<T>(value.columns));
  return TileSizes(program, sizeof(T), std::move(strides));
}

/// One tile on its way: where its rows come from and go to, and the worker's arena.
template <class T>
struct TileRunner<T>::Tile {
  T const* input;
  std::int64_t samples;
  T* output;     ///< null: not asked for
  T* objective;  ///< null: not asked for
  T* arena;
};

template <class T>
TileRunner<T>::TileRunner(Program const& program, Parameters<HostSpace, T> const& parameters)
    : program_(program),
      workers_(std::max(1, static_cast<int>(space_.concurrency()))),
      sizes_(tile_sizes<T>(program)),
      memory_(kernels::zeros<kernels::HostSpace, T>("runtime::Plan::tiles",
                                                    sizes_.arena.size * workers_)) {
  for (Step const& step : program.steps) {
    StepParameters mine;
    if (std::holds_alternative<models::Linear>(step.op))
      mine.packed = parameters.linear(step, Task::forward).packed.data();
    if (std::holds_alternative<models::LayerNorm>(step.op) ||
        std::holds_alternative<models::BatchNorm>(step.op)) {
      mine.gain = parameters.tensor(step, 0).data();
      mine.bias = parameters.tensor(step, 1).data();
    }
    parameters_.push_back(mine);
  }
}

template <class T>
void TileRunner<T>::infer(std::span<T const> input, std::int64_t batch, std::span<T> output,
                          std::span<T> objective) const {
  std::int64_t const in = program_.values[program_.inputs[0]].size();
  std::int64_t const out = program_.values[program_.output].size();
  auto const run_tile = [&](std::int64_t first, std::int64_t last, std::int64_t worker) {
    run({.input = input.data() + first * in,
         .samples = last - first,
         .output = output.empty() ? nullptr : output.data() + first * out,
         .objective = objective.empty() ? nullptr : objective.data() + first,
         .arena = memory_.data() + worker * sizes_.arena.size});
  };
  std::int64_t tiles = (batch + sizes_.samples - 1) / sizes_.samples;
  std::int64_t const block = std::min(sizes_.samples, cpu::rows_per_block());
  if (workers_ > 1) tiles = std::max(tiles, std::min<std::int64_t>(workers_, batch / (2 * block)));
  if (tiles <= 1) {
    if (batch > 0) run_tile(0, batch, 0);
    return;
  }
  // tiles of equal size, whole register blocks but the last: none is left with a few rows
  std::int64_t const units = (batch + block - 1) / block;
  std::int64_t const workers = std::min<std::int64_t>(workers_, tiles);
  auto const* const run_one = &run_tile;
  static std::string const label = "runtime::Plan::infer";
  Kokkos::parallel_for(
      label, Kokkos::RangePolicy<HostSpace>(space_, 0, workers), [=](int const worker) {
        for (std::int64_t t = worker; t < tiles; t += workers) {
          std::int64_t const first = units * t / tiles * block;
          (*run_one)(first, std::min(batch, units * (t + 1) / tiles * block), worker);
        }
      });
}

template <class T>
void TileRunner<T>::run(Tile const& tile) const {
  for (std::size_t s = 0; s < program_.steps.size(); ++s) run_step(s, tile);
  if (tile.output && program_.output == program_.inputs[0])
    std::copy_n(tile.input, tile.samples * program_.values[program_.inputs[0]].size(), tile.output);
}

/// Where a value lies: with the caller (input, answer) or in the worker's arena.
template <class T>
kernels::cpu::Matrix<T> TileRunner<T>::place(models::NodeId id, Tile const& tile) const {
  Value const& v = program_.values[id];
  if (id == program_.output && tile.output)
    return {tile.output, tile.samples * v.rows, v.columns, v.columns};
  return {tile.arena + sizes_.arena.offsets[id], tile.samples * v.rows, v.columns,
          sizes_.strides[id]};
}

template <class T>
void TileRunner<T>::run_step(std::size_t number, Tile const& tile) const {
  Step const& step = program_.steps[number];
  auto const value = [&](models::NodeId id) -> cpu::Matrix<T const> {
    Value const& v = program_.values[id];
    if (id == program_.inputs[0]) return {tile.input, tile.samples * v.rows, v.columns, v.columns};
    cpu::Matrix<T> const m = place(id, tile);
    return {m.data, m.rows, m.columns, m.stride};
  };
  cpu::Matrix<T const> const x = value(step.inputs[0]);
  cpu::Matrix<T> const y = place(step.result, tile);
  bool const is_objective = step.result == program_.objective;
  if (is_objective && !tile.objective) return;
  T* const numbers = is_objective ? tile.objective : y.data;
  std::int64_t const rows_per_sample = program_.values[step.inputs[0]].rows;
  std::visit(models::Overloaded{
                 [](models::Input const&) {},
                 [&](models::Linear const&) {
                   cpu::multiply<T>({.rows = x.rows,
                                     .depth = x.columns,
                                     .columns = y.columns,
                                     .x = x.data,
                                     .x_stride = x.stride,
                                     .packed = parameters_[number].packed,
                                     .y = y.data,
                                     .y_stride = y.stride,
                                     .epilogue = step.epilogue});
                 },
                 [&](models::Activation const&) { cpu::activate<T>(step.epilogue, x, {}, y); },
                 [&](models::Add const&) { cpu::add<T>(x, value(step.inputs[1]), y); },
                 [&](models::SquaredDistance const& op) {
                   cpu::squared_distance<T>(x, rows_per_sample, op.centre, numbers);
                 },
                 [&](models::MeanSquaredError const&) {
                   cpu::mean_squared_error<T>(x, value(step.inputs[1]), rows_per_sample, numbers);
                 },
                 [&](models::LayerNorm const& op) {
                   cpu::layer_norm<T>(x, parameters_[number].gain, parameters_[number].bias,
                                      static_cast<T>(op.epsilon), y);
                 },
                 [&](models::BatchNorm const&) {
                   cpu::batch_norm<T>(x, parameters_[number].gain, parameters_[number].bias, y);
                 },
                 [&](models::LogCoshSum const&) { cpu::log_cosh_sum<T>(x, y); }, NotInTiles{}},
             step.op);
}

template TileSizes tile_sizes<float>(Program const&);
template TileSizes tile_sizes<double>(Program const&);
template class TileRunner<float>;
template class TileRunner<double>;

}  // namespace crossjoule::runtime
