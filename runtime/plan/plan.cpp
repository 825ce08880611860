// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/plan/plan.hpp"

#include "core/error.hpp"
#include "runtime/plan/step_runner.hpp"
#include "runtime/plan/tile_runner.hpp"

#include <optional>

namespace crossjoule::runtime {
namespace {

/// The program by which a plan runs its steps.
Program program_for(models::Graph const& graph, PlanOptions const& options) {
  if (options.purpose == Purpose::inference) return Program(graph, Fusing::all);
  if (options.keep == Keep::everything)
    return Program(graph, Fusing::none, Program::Gradients::of_all);
  return Program(graph, Fusing::from_results);
}

/// A CPU runs inference tile by tile where rows of a sample never meet; all else goes step by step.
bool infers_in_tiles(Program const& program, PlanOptions const& options) {
  return program.is_row_wise() && options.access == ParameterAccess::copied &&
         options.device != kernels::Device::cuda;
}

void check(PlanOptions const& options) {
  VALIDATE_AS(ExitCode::internal, options.max_batch >= 1,
              "max_batch = {} (a plan needs room) raise it", options.max_batch);
  VALIDATE_AS(ExitCode::internal,
              options.access == ParameterAccess::copied || options.purpose == Purpose::training,
              "an inference plan was asked to read parameters in place (it packs them once) use "
              "ParameterAccess::copied");
}

template <class Space, class T>
struct Parts {
  Parameters<Space, T> parameters;
  std::optional<TileRunner<T>> tiles;
  std::unique_ptr<Runner<T>> steps;

  Parts(Program const& program, Program const& tile_program, PlanOptions const& options)
      : parameters(program, options) {
    bool const has_tiles = infers_in_tiles(tile_program, options);
    if constexpr (kernels::is_host<Space>)
      if (has_tiles) tiles.emplace(tile_program, parameters);
    if (!has_tiles || options.purpose == Purpose::training)
      steps = std::make_unique<StepRunner<Space, T>>(program, parameters, options);
  }
};

template <class Space, class T>
PlanBytes bytes_on(Program const& program, Program const& tile_program,
                   PlanOptions const& options) {
  PlanBytes bytes{.parameters = ParameterSizes<Space, T>(program, options).bytes()};
  Space const space;
  bool const has_tiles = infers_in_tiles(tile_program, options);
  if (has_tiles)
    bytes.scratch += tile_sizes<T>(tile_program).arena.size *
                     std::max<std::int64_t>(1, space.concurrency()) *
                     static_cast<std::int64_t>(sizeof(T));
  if (has_tiles && options.purpose == Purpose::inference) return bytes;
  StepMemory<Space, T> const memory(space, program, options);
  bytes.values += memory.value_bytes();
  bytes.scratch += memory.other_bytes();
  return bytes;
}

}  // namespace

template <class T>
PlanBytes predicted_bytes(models::Graph const& graph, PlanOptions const& options) {
  check(options);
  Program const program = program_for(graph, options), tile_program(graph, Fusing::all);
#ifdef KOKKOS_ENABLE_CUDA
  if (options.device == kernels::Device::cuda)
    return bytes_on<Kokkos::Cuda, T>(program, tile_program, options);
#endif
  return bytes_on<kernels::HostSpace, T>(program, tile_program, options);
}

template <class T>
class Plan<T>::Executor {
 public:
  Executor(models::Graph const& graph, PlanOptions const& options)
      : program(program_for(graph, options)),
        tile_program(graph, Fusing::all),
        options_(options),
        sample_size(models::sample_size(graph)) {
    check(options);
    if (options.purpose == Purpose::training) program.require_trainable();
#ifdef KOKKOS_ENABLE_CUDA
    if (options.device == kernels::Device::cuda) {
      cuda.emplace(program, tile_program, options);
      return;
    }
#endif
    VALIDATE_AS(ExitCode::missing, options.device != kernels::Device::cuda,
                "a plan for cuda was asked for (this build has no CUDA) use the device of Session");
    cpu.emplace(program, tile_program, options);
  }

  void set_parameters(std::span<T const> values) {
#ifdef KOKKOS_ENABLE_CUDA
    if (cuda) return cuda->parameters.set(values);
#endif
    cpu->parameters.set(values);
  }

  Runner<T>* steps() {
#ifdef KOKKOS_ENABLE_CUDA
    if (cuda) return cuda->steps.get();
#endif
    return cpu->steps.get();
  }

  std::int64_t parameter_bytes() const {
#ifdef KOKKOS_ENABLE_CUDA
    if (cuda) return cuda->parameters.bytes();
#endif
    return cpu->parameters.bytes();
  }

  Runner<T>& training_steps() {
    VALIDATE_AS(
        ExitCode::internal, options_.purpose == Purpose::training,
        "an inference plan was asked to train (it keeps no activations) make a training plan");
    return *steps();
  }

  Runner<T>& steps_that_know(models::NodeId node) {
    VALIDATE_AS(
        ExitCode::internal, node >= 0 && node < static_cast<models::NodeId>(program.values.size()),
        "node {} (not in network \"{}\") ask for one of its nodes", node, program.graph.name);
    return training_steps();
  }

  Program program;
  Program tile_program;  ///< the same network with all activations fused, for tiles
  PlanOptions options_;
  std::int64_t sample_size = 0;
  std::optional<Parts<kernels::HostSpace, T>> cpu;
#ifdef KOKKOS_ENABLE_CUDA
  std::optional<Parts<Kokkos::Cuda, T>> cuda;
#endif
};

template <class T>
Plan<T>::Plan(models::Graph const& graph, PlanOptions const& options)
    : executor_(std::make_unique<Executor>(graph, options)) {}
template <class T>
Plan<T>::~Plan() = default;
template <class T>
Plan<T>::Plan(Plan&&) noexcept = default;

template <class T>
void Plan<T>::set_parameters(std::span<T const> values) {
  executor_->set_parameters(values);
}

template <class T>
void Plan<T>::infer(std::span<T const> input, std::int64_t batch, std::span<T> output,
                    std::span<T> objective) {
  Program const& program = executor_->program;
  auto const fits = [batch](auto const& span, std::int64_t numbers) {
    return static_cast<std::int64_t>(span.size()) == batch * numbers;
  };
  VALIDATE_AS(ExitCode::internal,
              batch >= 0 && fits(input, executor_->sample_size) &&
                  (output.empty() || fits(output, program.values[program.output].size())) &&
                  (objective.empty() || (program.objective >= 0 && fits(objective, 1))),
              "inference of {} samples with {} inputs, {} outputs, {} objectives (sizes do not fit "
              "network \"{}\") size them from its shapes",
              batch, input.size(), output.size(), objective.size(), program.graph.name);
  if (executor_->cpu && executor_->cpu->tiles)
    executor_->cpu->tiles->infer(input, batch, output, objective);
  else
    executor_->steps()->infer(input, batch, output, objective);
}

template <class T>
double Plan<T>::loss_and_gradient(std::span<T const> input, std::int64_t batch,
                                  std::span<T> gradient) {
  Program const& program = executor_->program;
  Runner<T>& steps = executor_->training_steps();
  VALIDATE_AS(
      ExitCode::internal,
      batch >= 0 && batch <= executor_->options_.max_batch &&
          static_cast<std::int64_t>(input.size()) == batch * executor_->sample_size &&
          static_cast<std::int64_t>(gradient.size()) == program.layout.words,
      "a step of {} samples with {} inputs and {} gradients (sizes do not fit network \"{}\" "
      "or max_batch {}) size them from its shapes",
      batch, input.size(), gradient.size(), program.graph.name, executor_->options_.max_batch);
  return steps.loss_and_gradient(input, batch, gradient);
}

template <class T>
void Plan<T>::activation(models::NodeId node, std::span<T> into) const {
  executor_->steps_that_know(node).activation(node, into);
}
template <class T>
void Plan<T>::gradient(models::NodeId node, std::span<T> into) const {
  executor_->steps_that_know(node).gradient(node, into);
}

template <class T>
std::int64_t Plan<T>::workspace_bytes() const {
  std::int64_t total = executor_->parameter_bytes();
  if (executor_->cpu && executor_->cpu->tiles) total += executor_->cpu->tiles->workspace_bytes();
  if (auto const* steps = executor_->steps()) total += steps->workspace_bytes();
  return total;
}

template <class T>
std::string Plan<T>::describe() const {
  std::string text;
  bool const has_tiles = executor_->cpu && executor_->cpu->tiles;
  bool const is_training = executor_->options_.purpose == Purpose::training;
  Program const& program = has_tiles && !is_training ? executor_->tile_program : executor_->program;
  for (Step const& step : program.steps) text += program.describe(step) + "\n";
  if (has_tiles)
    text += fmt::format("inference: whole network per tile of {} samples\n",
                        executor_->cpu->tiles->tile());
  return text;
}

template PlanBytes predicted_bytes<float>(models::Graph const&, PlanOptions const&);
template PlanBytes predicted_bytes<double>(models::Graph const&, PlanOptions const&);
template class Plan<float>;
template class Plan<double>;

}  // namespace crossjoule::runtime
