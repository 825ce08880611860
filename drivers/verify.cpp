// SPDX-License-Identifier: BSD-3-Clause
#include "core/table.hpp"
#include "drivers/json.hpp"
#include "drivers/verbs.hpp"
#include "kernels/session.hpp"
#include "models/cost.hpp"
#include "runtime/params.hpp"
#include "runtime/plan/plan.hpp"
#include "runtime/reference_file.hpp"

#include <cmath>

namespace crossjoule::drivers {
namespace {

/// Largest norm-wise errors, from docs/reference_files.md: rounding of a careful implementation
/// with a factor of ten or more in fp64, three to ten in fp32.
struct Tolerance {
  double value, gradient;
};
template <class T>
constexpr Tolerance tolerance = {1e-11, 1e-11};
template <>
constexpr Tolerance tolerance<float> = {2e-6, 5e-6};
template <class T>
constexpr char const* precision = "fp64";
template <>
constexpr char const* precision<float> = "fp32";

struct Comparison {
  std::string dataset, precision;
  double error = 0, allowed = 0;
  /// Not error > allowed: a NaN must not pass.
  bool passed() const { return error <= allowed; }
};

/// ||got - want|| / ||want||, or ||got|| where the reference is zero everywhere.
double norm_error(std::vector<double> const& got, std::vector<double> const& want) {
  double difference = 0, norm = 0;
  for (std::size_t n = 0; n < want.size(); ++n) {
    difference += (got[n] - want[n]) * (got[n] - want[n]);
    norm += want[n] * want[n];
  }
  return std::sqrt(norm > 0 ? difference / norm : difference);
}

/// What one network computed in precision T, ready to be asked for by dataset.
template <class T>
class Computed {
 public:
  explicit Computed(runtime::ReferenceFile const& file)
      : file_(file),
        layout_(file.graph),
        shapes_(models::shapes(file.graph)),
        training_(file.graph, {kernels::Device::cpu, runtime::Purpose::training, file.batch}),
        gradient_(static_cast<std::size_t>(layout_.words)),
        objective_(static_cast<std::size_t>(file.batch)),
        output_(file.batch * shapes_[models::output_node(file.graph)].size()) {
    std::vector<T> const parameters(file.parameters.begin(), file.parameters.end());
    std::vector<T> const input(file.input.begin(), file.input.end());
    training_.set_parameters(parameters);
    mean_objective_ =
        training_.loss_and_gradient(input, file.batch, gradient_) / static_cast<double>(file.batch);
    // inference is a path of its own: output and score are taken from there
    runtime::Plan<T> inference(file.graph,
                               {kernels::Device::cpu, runtime::Purpose::inference, file.batch});
    inference.set_parameters(parameters);
    inference.infer(input, file.batch, output_, objective_);
  }

  std::vector<double> values(runtime::Expected const& expected) const {
    switch (expected.what) {
      case runtime::Expects::output: return {output_.begin(), output_.end()};
      case runtime::Expects::objective: return {mean_objective_};
      case runtime::Expects::score: return scores();
      case runtime::Expects::activation: return activation(expected.node);
      case runtime::Expects::gradient: return gradient(expected.tensor);
    }
    return {};
  }

 private:
  std::vector<double> scores() const {
    std::vector<double> scores;
    for (T value : objective_) scores.push_back(file_.score(static_cast<double>(value)));
    return scores;
  }
  std::vector<double> activation(models::NodeId node) const {
    std::vector<T> values(static_cast<std::size_t>(file_.batch * shapes_[node].size()));
    training_.activation(node, values);
    return {values.begin(), values.end()};
  }
  std::vector<double> gradient(std::size_t tensor) const {
    auto const& place = layout_.tensors[tensor];
    std::vector<double> values;  // the plan sums over the batch, the file holds the mean's gradient
    for (std::int64_t n = 0; n < place.parameter.size(); ++n)
      values.push_back(static_cast<double>(gradient_[place.offset + n]) /
                       static_cast<double>(file_.batch));
    return values;
  }

  runtime::ReferenceFile const& file_;
  runtime::ParamLayout layout_;
  std::vector<models::Shape> shapes_;
  runtime::Plan<T> training_;
  std::vector<T> gradient_, objective_, output_;
  double mean_objective_ = 0;
};

template <class T>
void compare_in(runtime::ReferenceFile const& file, std::vector<Comparison>& comparisons) {
  Computed<T> const computed(file);
  for (runtime::Expected const& expected : file.expected) {
    bool const is_gradient = expected.what == runtime::Expects::gradient;
    comparisons.push_back({expected.dataset, precision<T>,
                           norm_error(computed.values(expected), expected.values),
                           is_gradient ? tolerance<T>.gradient : tolerance<T>.value});
  }
}

struct Report {
  std::string file;
  core::NetworkIdentity network;
  std::int64_t batch = 0;
  std::vector<Comparison> comparisons;
  std::size_t failures() const {
    std::size_t count = 0;
    for (Comparison const& comparison : comparisons) count += comparison.passed() ? 0 : 1;
    return count;
  }
};

Report verify_file(std::filesystem::path const& path) {
  auto const file = runtime::read_reference_file(path);
  Report report{path.string(), models::identity(file.graph), file.batch, {}};
  compare_in<double>(file, report.comparisons);
  compare_in<float>(file, report.comparisons);
  return report;
}

void print_table(Report const& report) {
  fmt::print("{}: {}, {} parameters, batch {}\n", report.file, report.network.name,
             report.network.params, report.batch);
  core::Table table({"dataset", "precision", "error", "tolerance", "verdict"});
  for (Comparison const& row : report.comparisons)
    table.row({row.dataset, row.precision, fmt::format("{:.1e}", row.error),
               fmt::format("{:.0e}", row.allowed), row.passed() ? "ok" : "FAILED"});
  fmt::print("{}", table.text());
  if (report.failures() == 0)
    fmt::print("all {} comparisons within tolerance\n", report.comparisons.size());
  else
    fmt::print("{} of {} comparisons beyond tolerance\n", report.failures(),
               report.comparisons.size());
}

Json to_json(Report const& report) {
  Json rows = Json::array();
  for (Comparison const& row : report.comparisons)
    rows.push(Json::object()
                  .set("dataset", row.dataset)
                  .set("precision", row.precision)
                  .set("error", row.error)
                  .set("tolerance", row.allowed)
                  .set("passed", row.passed()));
  return Json::object()
      .set("verb", "verify")
      .set("file", report.file)
      .set("network", drivers::to_json(report.network))
      .set("batch", report.batch)
      .set("passed", report.failures() == 0)
      .set("comparisons", rows);
}

}  // namespace

/// `crossjoule verify FILE.h5`: run the network of a reference file in fp64 and fp32 on the CPU and
/// compare with the numbers the file holds. Exit code 1 if any lies beyond its tolerance.
core::ExitCode verify(Call& call, core::Comm const& comm) {
  if (!call.go()) return core::ExitCode::ok;
  VALIDATE(call.files.size() == 1,
           "verify takes one reference file ({} were named) type: crossjoule verify FILE.h5",
           call.files.size());
  kernels::Session const session(kernels::Device::cpu);
  Report const report = verify_file(call.files.front());
  if (comm.is_root()) {
    if (call.format == Call::Format::json)
      fmt::print("{}\n", to_json(report).dump());
    else
      print_table(report);
  }
  return report.failures() == 0 ? core::ExitCode::ok : core::ExitCode::check_failed;
}

}  // namespace crossjoule::drivers
