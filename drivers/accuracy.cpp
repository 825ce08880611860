// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/accuracy.hpp"

#include "core/error.hpp"
#include "core/table.hpp"

#include <fmt/core.h>
#include <cmath>
#include <functional>

namespace crossjoule::drivers {
namespace {

using runtime::Interval;
using Row = std::function<void(Accuracy::Signal const&, std::size_t rate)>;

void for_each_row(Accuracy const& accuracy, Row const& visit) {
  for (auto const& signal : accuracy.signals)
    for (std::size_t rate = 0; rate < accuracy.false_positive_rates.size(); ++rate)
      visit(signal, rate);
}

std::string percent(Interval const& share) {
  return fmt::format("{:.3g} [{:.3g}, {:.3g}] %", 100 * share.value, 100 * share.low,
                     100 * share.high);
}

Json interval_json(Interval const& interval) {
  Json object = Json::object();
  object.set("value", interval.value).set("low", interval.low).set("high", interval.high);
  return object;
}

}  // namespace

AccuracyOptions read_accuracy_options(core::Config accuracy, std::string const& trained_layout) {
  AccuracyOptions options;
  runtime::SourceOptions as_trained;
  as_trained.layout = trained_layout;
  options.background = runtime::read_source_options(
      accuracy.section("background", "events that are no anomaly"), as_trained);
  for (auto& signal : accuracy.sections("signals", "one table per kind of anomaly")) {
    auto const name = signal.take("name", "signal", "how tables name it");
    options.signals.push_back({name, runtime::read_source_options(signal, as_trained)});
  }
  options.false_positive_rates =
      accuracy.take("false_positive_rates", options.false_positive_rates,
                    "rates at which the true-positive rate is reported", {1e-9, 1.0});
  options.bootstrap.replicates =
      accuracy.take("bootstrap", options.bootstrap.replicates,
                    "replicates of the intervals; 0: none", {0, 100'000});
  VALIDATE(options.signals.empty() || !options.background.files.empty(),
           "accuracy.signals without background (a signal is compared with background) name "
           "accuracy.background.files{}",
           accuracy.where("signals"));
  return options;
}

template <class T>
Accuracy measure_accuracy(runtime::Scorer<T>& scorer, AccuracyOptions const& options,
                          core::Comm const& comm) {
  Accuracy accuracy;
  accuracy.false_positive_rates = options.false_positive_rates;
  if (options.background.files.empty()) return accuracy;
  auto const background = scorer.score(options.background);
  accuracy.background_events = static_cast<std::int64_t>(background.size());
  double sum = 0, squares = 0;
  for (double score : background) sum += score, squares += score * score;
  auto const n = static_cast<double>(background.size());
  accuracy.background_mean = sum / n;
  accuracy.background_deviation = std::sqrt(std::max(0.0, squares / n - sum / n * (sum / n)));
  for (auto const& signal : options.signals) {
    auto const scores = scorer.score(signal.source);
    accuracy.signals.push_back(
        {signal.name, static_cast<std::int64_t>(scores.size()),
         runtime::discriminate(background, scores, options.false_positive_rates, options.bootstrap,
                               comm)});
  }
  return accuracy;
}

void write_accuracy(core::H5File& file, Accuracy const& accuracy) {
  if (accuracy.background_events == 0) return;
  std::string const group = "/result/accuracy";
  file.attribute(group, "background_events", accuracy.background_events);
  file.attribute(group, "background_score_mean", accuracy.background_mean);
  file.attribute(group, "background_score_deviation", accuracy.background_deviation);
  std::vector<std::string> names, refused;
  std::vector<std::int64_t> events;
  std::vector<double> area[3], asked, rate[3];
  for_each_row(accuracy, [&](Accuracy::Signal const& signal, std::size_t i) {
    auto const& found = signal.discrimination;
    names.push_back(signal.name);
    refused.push_back(found.rates[i].refused);
    events.push_back(signal.events);
    asked.push_back(accuracy.false_positive_rates[i]);
    for (auto const& [columns, interval] :
         {std::pair{area, found.auc}, {rate, found.bootstrap_rates[i]}}) {
      columns[0].push_back(interval.low);
      columns[1].push_back(interval.value);
      columns[2].push_back(interval.high);
    }
  });
  if (names.empty()) return;
  file.write_strings(group + "/signal", names, "kind of anomaly");
  file.write(group + "/events", events, {"1", "events of the signal"});
  file.write(group + "/false_positive_rate", asked, {"1", "share of background above the cut"});
  char const* const ends[] = {"_low", "", "_high"};
  for (int end = 0; end < 3; ++end) {
    file.write(group + "/auc" + ends[end], area[end],
               {"1", "area under the ROC curve, exact ranks, ties 1/2; 95 % bootstrap"});
    file.write(group + "/true_positive_rate" + ends[end], rate[end],
               {"1", "share of signal above the cut; 95 % bootstrap; NaN where refused"});
  }
  file.write_strings(group + "/refused", refused, "why a rate is not reported; empty where it is");
}

Json accuracy_json(Accuracy const& accuracy) {
  Json signals = Json::array();
  for (auto const& signal : accuracy.signals) {
    Json rates = Json::array();
    for (std::size_t i = 0; i < accuracy.false_positive_rates.size(); ++i) {
      Json rate = Json::object();
      rate.set("false_positive_rate", accuracy.false_positive_rates[i]);
      rate.set("true_positive_rate", interval_json(signal.discrimination.bootstrap_rates[i]));
      rates.push(rate.set("refused", signal.discrimination.rates[i].refused));
    }
    Json row = Json::object();
    row.set("name", signal.name)
        .set("events", signal.events)
        .set("auc", interval_json(signal.discrimination.auc));
    signals.push(row.set("rates", rates));
  }
  Json document = Json::object();
  document.set("background_events", accuracy.background_events)
      .set("background_score_mean", accuracy.background_mean);
  return document.set("background_score_deviation", accuracy.background_deviation)
      .set("signals", signals);
}

void print_accuracy(Accuracy const& accuracy) {
  if (accuracy.signals.empty()) return;
  std::vector<std::string> headings = {"signal", "events", "AUC [95 %]"};
  for (double rate : accuracy.false_positive_rates)
    headings.push_back(fmt::format("TPR at FPR {:g} [95 %]", rate));
  core::Table table(headings);
  std::string remark;
  for (auto const& signal : accuracy.signals) {
    auto const& found = signal.discrimination;
    std::vector<std::string> cells = {
        signal.name, std::to_string(signal.events),
        fmt::format("{:.4f} [{:.4f}, {:.4f}]", found.auc.value, found.auc.low, found.auc.high)};
    for (std::size_t i = 0; i < found.rates.size(); ++i) {
      bool const refused = !found.rates[i].refused.empty();
      cells.push_back(refused ? "refused" : percent(found.bootstrap_rates[i]));
      if (refused) remark = found.rates[i].refused;
    }
    table.row(cells);
  }
  fmt::print("Scores against {} background events\n{}", accuracy.background_events, table.text());
  if (!remark.empty()) fmt::print("refused: {}\n", remark);
}

template Accuracy measure_accuracy<float>(runtime::Scorer<float>&, AccuracyOptions const&,
                                          core::Comm const&);
template Accuracy measure_accuracy<double>(runtime::Scorer<double>&, AccuracyOptions const&,
                                           core::Comm const&);

}  // namespace crossjoule::drivers
