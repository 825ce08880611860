// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/cpu/fourier.hpp"
#include "kernels/fourier_grid.hpp"
#include "kernels/gradient.hpp"
#include "kernels/portable/fourier.hpp"
#include "kernels/views.hpp"

#include <type_traits>

namespace crossjoule::kernels {

/// Cosines and sines of one grid, computed in double precision and rounded once; built once per
/// plan, read by all four transforms below.
template <class Space, class T>
class FourierTables {
 public:
  /// Needs 1 <= kept_rows <= rows, 0 <= first_row < rows, 1 <= kept_columns <= columns / 2 + 1 and
  /// `blocks` that divide `features`.
  FourierTables(Space const& space, FourierGrid const& grid);

  using Numbers =
      std::conditional_t<is_host<Space>, cpu::FourierTables<T>, portable::FourierTables<Space, T>>;
  FourierGrid const& grid() const { return numbers_.grid; }
  Numbers const& numbers() const { return numbers_; }
  std::int64_t bytes() const;

 private:
  Numbers numbers_;
};

// Shapes of all four: grid values x, y (samples * rows * columns, features); spectra (samples *
// kept_rows * kept_columns * blocks, 2 features / blocks), a row being the real parts of one block,
// then its imaginary ones. Only what is kept is ever computed. `scratch` takes fourier_scratch()
// numbers. With N = rows * columns and theta = 2 pi (u i / rows + k j / columns):

/// spectrum[u,k] = sum_ij x[i,j] (cos theta - i sin theta) / sqrt(N): the orthonormal real
/// transform. Budget on CPUs: products after folding each axis twice (cos and sin are even and odd
/// about the middle and the quarter), a fourth of the operations of the plain product along columns
/// and an eighth along rows; memory is read and written once.
template <class Space, class T>
void fourier_transform(Space const& space, FourierTables<Space, T> const& tables,
                       std::int64_t samples, Rows<Space, T const> x, Rows<Space, T> spectrum,
                       Row<Space, T> scratch);
/// dx[i,j] = sum over the kept (re, im)[u,k] of (dre cos theta - dim sin theta) / sqrt(N), or added
/// to dx: the adjoint, real and imaginary parts being independent numbers.
template <class Space, class T>
void fourier_transform_gradient(Space const& space, FourierTables<Space, T> const& tables,
                                std::int64_t samples, Rows<Space, T const> dspectrum,
                                Gradient gradient, Rows<Space, T> dx, Row<Space, T> scratch);

/// y[i,j] = sum over the kept (re, im)[u,k] of w[k] (re cos theta - im sin theta) / sqrt(N), w = 1
/// for column 0 and the Nyquist column, else 2: a complex transform along rows, then a
/// complex-to-real one that ignores the imaginary part of those two columns. What was not kept
/// counts as 0.
template <class Space, class T>
void inverse_fourier_transform(Space const& space, FourierTables<Space, T> const& tables,
                               std::int64_t samples, Rows<Space, T const> spectrum,
                               Rows<Space, T> y, Row<Space, T> scratch);
/// dspectrum[u,k] = w[k] sum_ij dy[i,j] (cos theta - i sin theta) / sqrt(N), or added to dspectrum.
template <class Space, class T>
void inverse_fourier_transform_gradient(Space const& space, FourierTables<Space, T> const& tables,
                                        std::int64_t samples, Rows<Space, T const> dy,
                                        Gradient gradient, Rows<Space, T> dspectrum,
                                        Row<Space, T> scratch);

/// Numbers of scratch for up to `samples` samples.
template <class Space, class T>
std::int64_t fourier_scratch(Space const& space, FourierGrid const& grid, std::int64_t samples);

}  // namespace crossjoule::kernels
