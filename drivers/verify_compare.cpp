// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/verify_compare.hpp"

#include "runtime/params.hpp"
#include "runtime/plan/plan.hpp"

#include <cmath>

namespace crossjoule::drivers {
namespace {

using runtime::Expects;

/// Largest norm-wise errors, from docs/reference_files.md: rounding of a careful implementation
/// with a factor of ten or more in fp64, three to ten in fp32. An Adam step divides a gradient by
/// its own size: where it nearly cancels, rounding decides about a whole step.
struct Tolerance {
  double value, gradient, adam_parameters;
};
template <class T>
constexpr Tolerance tolerance = {1e-11, 1e-11, 1e-11};
template <>
constexpr Tolerance tolerance<float> = {2e-6, 5e-6, 1e-3};
template <class T>
constexpr char const* precision = "fp64";
template <>
constexpr char const* precision<float> = "fp32";

double allowed(Expects what, Tolerance const& tolerance) {
  switch (what) {
    case Expects::output:
    case Expects::objective:
    case Expects::score:
    case Expects::activation: return tolerance.value;
    case Expects::gradient:
    case Expects::node_gradient:
    case Expects::adam_losses: return tolerance.gradient;
    case Expects::adam_parameters: return tolerance.adam_parameters;
  }
  return 0;
}

/// ||got - want|| / ||want||, or ||got|| where the reference is zero everywhere.
double norm_error(std::vector<double> const& got, std::vector<double> const& want) {
  double difference = 0, norm = 0;
  for (std::size_t n = 0; n < want.size(); ++n) {
    difference += (got[n] - want[n]) * (got[n] - want[n]);
    norm += want[n] * want[n];
  }
  return std::sqrt(norm > 0 ? difference / norm : difference);
}

runtime::PlanOptions training(runtime::ReferenceFile const& file, runtime::Keep keep) {
  return {.device = kernels::Device::cpu,
          .purpose = runtime::Purpose::training,
          .max_batch = file.batch,
          .keep = keep};
}

/// What one network computed in precision T, ready to be asked for by dataset. Output and score
/// come from an inference plan, loss and gradients from a training plan as a run uses it, values
/// and gradients of nodes from one that keeps everything.
template <class T>
class Computed {
 public:
  explicit Computed(runtime::ReferenceFile const& file)
      : file_(file),
        layout_(file.graph),
        shapes_(models::shapes(file.graph)),
        input_(file.input.begin(), file.input.end()),
        gradient_(static_cast<std::size_t>(layout_.words)),
        objective_(static_cast<std::size_t>(file.batch)),
        output_(file.batch * shapes_[models::output_node(file.graph)].size()),
        inspected_(file.graph, training(file, runtime::Keep::everything)) {
    std::vector<T> parameters(file.parameters.begin(), file.parameters.end());
    infer(parameters);
    inspect(parameters);
    train(std::move(parameters));
  }

  std::vector<double> values(runtime::Expected const& expected) const {
    switch (expected.what) {
      case Expects::output: return {output_.begin(), output_.end()};
      case Expects::objective: return {losses_.front()};
      case Expects::score: return scores();
      case Expects::activation:
        return of_node(expected, [&](auto into) { inspected_.activation(expected.node, into); });
      case Expects::gradient: return tensor(gradient_, expected.tensor, batch());
      case Expects::node_gradient: {
        auto values =
            of_node(expected, [&](auto into) { inspected_.gradient(expected.node, into); });
        for (double& value : values) value /= batch();  // the file holds the mean's gradient
        return values;
      }
      case Expects::adam_losses: return losses_;
      case Expects::adam_parameters: return tensor(adam_parameters_, expected.tensor, 1);
    }
    return {};
  }

 private:
  double batch() const { return static_cast<double>(file_.batch); }

  void infer(std::vector<T> const& parameters) {
    runtime::Plan<T> plan(file_.graph, {kernels::Device::cpu, runtime::Purpose::inference, 1});
    plan.set_parameters(parameters);
    plan.infer(input_, file_.batch, output_, objective_);
  }

  void inspect(std::vector<T> const& parameters) {
    std::vector<T> ignored(gradient_.size());
    inspected_.set_parameters(parameters);
    inspected_.loss_and_gradient(input_, file_.batch, ignored);
  }

  /// The gradient, and the Adam steps of the file with the loss before each and after the last.
  void train(std::vector<T> parameters) {
    runtime::Plan<T> plan(file_.graph, training(file_, runtime::Keep::all_but_cheap));
    std::vector<T> gradient(gradient_.size()), moment1(gradient_.size()), moment2(gradient_.size());
    for (std::int64_t step = 0;; ++step) {
      plan.set_parameters(parameters);
      losses_.push_back(plan.loss_and_gradient(input_, file_.batch, gradient) / batch());
      if (step == 0) gradient_ = gradient;
      if (step == file_.adam_steps) break;
      runtime::adam_step<T>(file_.adam, step + 1, 1 / batch(), parameters, gradient, moment1,
                            moment2);
    }
    adam_parameters_ = std::move(parameters);
  }

  std::vector<double> scores() const {
    std::vector<double> scores;
    for (T value : objective_) scores.push_back(file_.score(static_cast<double>(value)));
    return scores;
  }

  std::vector<double> tensor(std::vector<T> const& flat, std::size_t number, double divisor) const {
    auto const& place = layout_.tensors[number];
    std::vector<double> values;
    for (std::int64_t n = 0; n < place.parameter.size(); ++n)
      values.push_back(static_cast<double>(flat[place.offset + n]) / divisor);
    return values;
  }

  /// All numbers of a node, or the real or imaginary half of each of its last axes.
  template <class Fetch>
  std::vector<double> of_node(runtime::Expected const& expected, Fetch const& fetch) const {
    models::Shape const& shape = shapes_[expected.node];
    std::vector<T> all(static_cast<std::size_t>(file_.batch * shape.size()));
    fetch(std::span<T>(all));
    if (expected.part == runtime::Part::whole) return {all.begin(), all.end()};
    std::int64_t const half = shape.last() / 2;
    std::vector<double> values;
    for (auto place = all.begin() + (expected.part == runtime::Part::imaginary ? half : 0);
         static_cast<std::int64_t>(values.size()) < file_.batch * shape.size() / 2;
         place += std::min<std::int64_t>(2 * half, all.end() - place))
      values.insert(values.end(), place, place + half);
    return values;
  }

  runtime::ReferenceFile const& file_;
  runtime::ParamLayout layout_;
  std::vector<models::Shape> shapes_;
  std::vector<T> input_, gradient_, objective_, output_, adam_parameters_;
  std::vector<double> losses_;
  runtime::Plan<T> inspected_;
};

template <class T>
void compare_in(runtime::ReferenceFile const& file, std::vector<Comparison>& comparisons) {
  Computed<T> const computed(file);
  for (runtime::Expected const& expected : file.expected)
    comparisons.push_back({expected.dataset, precision<T>,
                           norm_error(computed.values(expected), expected.values),
                           allowed(expected.what, tolerance<T>)});
}

}  // namespace

std::vector<Comparison> compare(runtime::ReferenceFile const& file) {
  std::vector<Comparison> comparisons;
  compare_in<double>(file, comparisons);
  compare_in<float>(file, comparisons);
  return comparisons;
}

}  // namespace crossjoule::drivers
