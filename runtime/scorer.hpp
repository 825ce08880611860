// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/comm.hpp"
#include "meter/meter.hpp"
#include "runtime/plan/plan.hpp"
#include "runtime/source.hpp"
#include "runtime/standardisation.hpp"
#include "runtime/trained.hpp"

#include <string>
#include <vector>

namespace crossjoule::runtime {

/// Is the objective the distance to a constant (Deep SVDD)? False for another one and for none.
bool has_constant_target(models::Graph const& graph);

/// Turns samples into anomaly scores with a trained network, all ranks sharing the rows: the square
/// root of the squared distance (Deep SVDD), or the mean squared error (autoencoder). Larger means
/// stranger. A network without objective has no score.
template <class T>
class Scorer {
 public:
  /// `layout` is the feature layout the network was trained on; sources must have the same.
  Scorer(Trained<T> const& trained, Standardisation const& standardisation, std::string layout,
         kernels::Device device, core::Comm const& comm, meter::Meter& meter);

  /// Scores of all rows in file order, on every rank. Collective. Error (bad_input) for another
  /// number of features, (non_finite) for a score that is no number.
  std::vector<double> score(SourceOptions const& source);
  /// At most `rows` standardised samples of a source.
  Matrix<T> samples(SourceOptions const& source, std::int64_t rows) const;
  /// `rows` made-up standard normal samples, for sweeps without any file.
  Matrix<T> made_up_samples(std::int64_t rows) const;

 private:
  Source open(SourceOptions const& source) const;
  Standardisation standardisation_;
  std::string layout_;
  core::Comm comm_;
  meter::Meter& meter_;
  Plan<T> plan_;
  std::int64_t features_;
  bool is_distance_;
};

extern template class Scorer<float>;
extern template class Scorer<double>;

}  // namespace crossjoule::runtime
