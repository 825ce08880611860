// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/convolution.hpp"

#include "core/error.hpp"
#include "kernels/portable/windows.hpp"

namespace crossjoule::kernels {
namespace {

/// Rows [sample * rows, (sample + 1) * rows) of a view.
template <class Space, class T>
Rows<Space, T> rows_of(Rows<Space, T> const& all, std::int64_t sample, std::int64_t rows) {
  return rows_view<Space, T>(all.data() + sample * rows * stride_of(all), rows,
                             static_cast<std::int64_t>(all.extent(1)), stride_of(all));
}

template <class Space, class T>
std::int64_t matrix_size(WindowGrid const& grid) {
  return grid.places() * row_stride<Space, T>(grid.taps());
}
template <class Space, class T>
Rows<Space, T> matrix_in(WindowGrid const& grid, Row<Space, T> scratch) {
  EXPECT(static_cast<std::int64_t>(scratch.extent(0)) >= (matrix_size<Space, T>(grid)));
  return rows_view<Space, T>(scratch.data(), grid.places(), grid.taps(),
                             row_stride<Space, T>(grid.taps()));
}

}  // namespace

template <class Space, class T>
void conv2d(Space const& space, std::int64_t samples, WindowGrid const& grid,
            Rows<Space, T const> x, LinearWeights<Space, T> const& weights, Rows<Space, T> y,
            Row<Space, T> scratch) {
  std::int64_t const pixels = grid.rows * grid.columns;
  EXPECT(static_cast<std::int64_t>(x.extent(0)) == samples * pixels);
  EXPECT(static_cast<std::int64_t>(y.extent(0)) == samples * grid.places());
  Rows<Space, T> const columns = matrix_in<Space, T>(grid, scratch);
  for (std::int64_t s = 0; s < samples; ++s) {
    portable::im2col<Space, T>(space, grid, rows_of<Space, T const>(x, s, pixels), columns);
    linear<Space, T>(space, columns, weights, {}, rows_of<Space, T>(y, s, grid.places()));
  }
}

template <class Space, class T>
void conv2d_gradient(Space const& space, std::int64_t samples, WindowGrid const& grid,
                     Rows<Space, T const> x, LinearWeights<Space, T> const& weights,
                     Rows<Space, T const> dy, Gradient sums, Rows<Space, T> dweight,
                     Row<Space, T> dbias, Gradient dx_mode, Rows<Space, T> dx,
                     Row<Space, T> scratch) {
  std::int64_t const pixels = grid.rows * grid.columns;
  EXPECT(static_cast<std::int64_t>(x.extent(0)) == samples * pixels);
  EXPECT(static_cast<std::int64_t>(dy.extent(0)) == samples * grid.places());
  Rows<Space, T> const columns = matrix_in<Space, T>(grid, scratch);
  Row<Space, T> const room = row_view<Space, T>(scratch.data() + matrix_size<Space, T>(grid),
                                                weight_gradient_scratch<Space, T>(space));
  for (std::int64_t s = 0; s < samples; ++s) {
    auto const dy_of_sample = rows_of<Space, T const>(dy, s, grid.places());
    portable::im2col<Space, T>(space, grid, rows_of<Space, T const>(x, s, pixels), columns);
    linear_weight_gradient<Space, T>(space, columns, dy_of_sample, dweight, dbias, room,
                                     s == 0 ? sums : Gradient::add);
    if (!dx.data()) continue;
    linear_input_gradient<Space, T>(space, dy_of_sample, weights, {}, {}, Gradient::replace,
                                    columns);
    portable::col2im<Space, T>(space, grid, columns, dx_mode, rows_of<Space, T>(dx, s, pixels));
  }
}

template <class Space, class T>
std::int64_t conv2d_scratch(Space const& space, WindowGrid const& grid) {
  return matrix_size<Space, T>(grid) + weight_gradient_scratch<Space, T>(space);
}

#define CROSSJOULE_INSTANTIATE(S, T)                                                               \
  template void conv2d<S, T>(S const&, std::int64_t, WindowGrid const&, Rows<S, T const>,          \
                             LinearWeights<S, T> const&, Rows<S, T>, Row<S, T>);                   \
  template void conv2d_gradient<S, T>(S const&, std::int64_t, WindowGrid const&, Rows<S, T const>, \
                                      LinearWeights<S, T> const&, Rows<S, T const>, Gradient,      \
                                      Rows<S, T>, Row<S, T>, Gradient, Rows<S, T>, Row<S, T>);     \
  template std::int64_t conv2d_scratch<S, T>(S const&, WindowGrid const&);
CROSSJOULE_FOR_SPACES(CROSSJOULE_INSTANTIATE)

}  // namespace crossjoule::kernels
