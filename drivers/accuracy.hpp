// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/comm.hpp"
#include "core/config.hpp"
#include "core/h5file.hpp"
#include "drivers/json.hpp"
#include "runtime/metrics.hpp"
#include "runtime/scorer.hpp"
#include "runtime/source.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace crossjoule::drivers {

/// What `infer` scores: background against any number of signals. Without background files nothing
/// is scored.
struct AccuracyOptions {
  struct Signal {
    std::string name;
    runtime::SourceOptions source;
  };
  runtime::SourceOptions background;
  std::vector<Signal> signals;
  std::vector<double> false_positive_rates = {1e-4, 1e-5};
  runtime::BootstrapOptions bootstrap;
};
/// Sources are read in the layout of the trained network unless they say otherwise.
AccuracyOptions read_accuracy_options(core::Config accuracy, std::string const& trained_layout);

struct Accuracy {
  struct Signal {
    std::string name;
    std::int64_t events = 0;
    runtime::Discrimination discrimination;
  };
  std::int64_t background_events = 0;
  double background_mean = 0, background_deviation = 0;  ///< of the score
  std::vector<double> false_positive_rates;
  std::vector<Signal> signals;
};

/// Scores every file once, on all ranks, and compares each signal with the background. Collective.
template <class T>
Accuracy measure_accuracy(runtime::Scorer<T>& scorer, AccuracyOptions const& options,
                          core::Comm const& comm);

/// /result/accuracy: one array per column, one row per signal and false-positive rate.
void write_accuracy(core::H5File& file, Accuracy const& accuracy);
Json accuracy_json(Accuracy const& accuracy);
void print_accuracy(Accuracy const& accuracy);

}  // namespace crossjoule::drivers
