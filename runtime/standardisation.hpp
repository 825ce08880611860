// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/comm.hpp"
#include "core/h5file.hpp"
#include "runtime/matrix.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace crossjoule::runtime {

/// x -> (x - mean) / scale, feature by feature; learned from training samples and kept beside the
/// parameters, because a network is worth nothing without it.
struct Standardisation {
  std::vector<double> mean, scale;  ///< per feature; scale is the divisor, never 0

  template <class T>
  void apply(Matrix<T>& samples) const;
  /// Datasets /standardisation/{mean,scale}.
  void write(core::H5File& file) const;
  /// Error (bad_input) where the file has none, (damaged) where it makes no sense.
  static Standardisation read(core::H5File const& file);
};

/// Mean and standard deviation (over n) of every feature. All ranks hold the same samples and share
/// the work; sums run over fixed blocks of rows in one canonical order, so the bits do not depend
/// on the rank count. Features that are constant get scale 1 and are named in one warning; Error
/// (bad_input), naming `source`, where all are. Collective.
template <class T>
Standardisation learn_standardisation(Matrix<T> const& samples,
                                      std::vector<std::string> const& feature_names,
                                      core::Comm const& comm,
                                      std::string const& source = "the samples");

}  // namespace crossjoule::runtime
