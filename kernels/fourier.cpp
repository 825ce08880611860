// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/fourier.hpp"

#include "core/error.hpp"
#include "kernels/shares.hpp"

#include <algorithm>

namespace crossjoule::kernels {
namespace {

template <class Space, class T>
auto numbers_of(Space const& space, FourierGrid const& grid) {
  EXPECT(grid.rows >= 1 && grid.columns >= 1 && grid.blocks >= 1);
  EXPECT(grid.kept_rows >= 1 && grid.kept_rows <= grid.rows);
  EXPECT(grid.first_row >= 0 && grid.first_row < grid.rows);
  EXPECT(grid.kept_columns >= 1 && grid.kept_columns <= grid.columns / 2 + 1);
  EXPECT(grid.features >= 1 && grid.features % grid.blocks == 0);
  if constexpr (is_host<Space>)
    return cpu::FourierTables<T>(grid);
  else
    return portable::FourierTables<Space, T>(space, grid);
}

template <class View>
void expect_shapes([[maybe_unused]] FourierGrid const& grid, [[maybe_unused]] std::int64_t samples,
                   [[maybe_unused]] View const& points, [[maybe_unused]] auto const& spectrum) {
  EXPECT(static_cast<std::int64_t>(points.extent(0)) == samples * grid.rows * grid.columns);
  EXPECT(static_cast<std::int64_t>(points.extent(1)) == grid.features);
  EXPECT(static_cast<std::int64_t>(spectrum.extent(0)) ==
         samples * grid.kept_rows * grid.kept_columns * grid.blocks);
  EXPECT(static_cast<std::int64_t>(spectrum.extent(1)) == 2 * grid.features / grid.blocks);
}

/// Run body(sample, strip, scratch) for all strips of all samples: threads share them out, and none
/// depends on another.
template <class T, class Body>
void for_strips(std::string const& label, HostSpace const& space, FourierGrid const& grid,
                std::int64_t samples, Row<HostSpace, T> scratch, std::int64_t scratch_of_share,
                Body const& body) {
  std::int64_t const strips = cpu::fourier_strips<T>(grid), all = samples * strips;
  std::int64_t const shares = std::min<std::int64_t>(all, space.concurrency());
  EXPECT(static_cast<std::int64_t>(scratch.size()) >= shares * scratch_of_share);
  for_shares(label, space, shares, 1, [=](std::int64_t first, std::int64_t last) {
    for (std::int64_t share = first; share < last; ++share)
      for (std::int64_t n = all * share / shares; n < all * (share + 1) / shares; ++n)
        body(n / strips, n % strips, scratch.data() + share * scratch_of_share);
  });
}

template <class Space, class T>
void analysis([[maybe_unused]] std::string const& label, Space const& space,
              FourierTables<Space, T> const& tables, InnerColumns inner, std::int64_t samples,
              Rows<Space, T const> x, Gradient into, Rows<Space, T> spectrum,
              Row<Space, T> scratch) {
  FourierGrid const& grid = tables.grid();
  expect_shapes(grid, samples, x, spectrum);
  if constexpr (is_host<Space>) {
    auto const& numbers = tables.numbers();
    std::int64_t const points = grid.rows * grid.columns;
    std::int64_t const modes = grid.kept_rows * grid.kept_columns * grid.blocks;
    for_strips<T>(label, space, grid, samples, scratch, cpu::fourier_analysis_scratch(numbers),
                  [=, &numbers](std::int64_t sample, std::int64_t strip, T* room) {
                    cpu::fourier_analysis<T>(
                        numbers, inner, strip, matrix(x, sample * points, (sample + 1) * points),
                        into == Gradient::add ? cpu::Into::add : cpu::Into::replace,
                        matrix(spectrum, sample * modes, (sample + 1) * modes), room);
                  });
  } else {
    portable::fourier_analysis<Space, T>(space, tables.numbers(), inner, samples, x, into, spectrum,
                                         scratch);
  }
}

template <class Space, class T>
void synthesis([[maybe_unused]] std::string const& label, Space const& space,
               FourierTables<Space, T> const& tables, InnerColumns inner, std::int64_t samples,
               Rows<Space, T const> spectrum, Gradient into, Rows<Space, T> y,
               Row<Space, T> scratch) {
  FourierGrid const& grid = tables.grid();
  expect_shapes(grid, samples, y, spectrum);
  if constexpr (is_host<Space>) {
    auto const& numbers = tables.numbers();
    std::int64_t const points = grid.rows * grid.columns;
    std::int64_t const modes = grid.kept_rows * grid.kept_columns * grid.blocks;
    for_strips<T>(label, space, grid, samples, scratch, cpu::fourier_synthesis_scratch(numbers),
                  [=, &numbers](std::int64_t sample, std::int64_t strip, T* room) {
                    cpu::fourier_synthesis<T>(
                        numbers, inner, strip,
                        matrix(spectrum, sample * modes, (sample + 1) * modes),
                        into == Gradient::add ? cpu::Into::add : cpu::Into::replace,
                        matrix(y, sample * points, (sample + 1) * points), room);
                  });
  } else {
    portable::fourier_synthesis<Space, T>(space, tables.numbers(), inner, samples, spectrum, into,
                                          y, scratch);
  }
}

}  // namespace

template <class Space, class T>
FourierTables<Space, T>::FourierTables(Space const& space, FourierGrid const& grid)
    : numbers_(numbers_of<Space, T>(space, grid)) {}

template <class Space, class T>
std::int64_t FourierTables<Space, T>::bytes() const {
  using cpu::bytes;
  using portable::bytes;
  return bytes(numbers_);
}

template <class Space, class T>
void fourier_transform(Space const& space, FourierTables<Space, T> const& tables,
                       std::int64_t samples, Rows<Space, T const> x, Rows<Space, T> spectrum,
                       Row<Space, T> scratch) {
  static std::string const label = "kernels::fourier_transform";
  analysis<Space, T>(label, space, tables, InnerColumns::once, samples, x, Gradient::replace,
                     spectrum, scratch);
}

template <class Space, class T>
void fourier_transform_gradient(Space const& space, FourierTables<Space, T> const& tables,
                                std::int64_t samples, Rows<Space, T const> dspectrum,
                                Gradient gradient, Rows<Space, T> dx, Row<Space, T> scratch) {
  static std::string const label = "kernels::fourier_transform_gradient";
  synthesis<Space, T>(label, space, tables, InnerColumns::once, samples, dspectrum, gradient, dx,
                      scratch);
}

template <class Space, class T>
void inverse_fourier_transform(Space const& space, FourierTables<Space, T> const& tables,
                               std::int64_t samples, Rows<Space, T const> spectrum,
                               Rows<Space, T> y, Row<Space, T> scratch) {
  static std::string const label = "kernels::inverse_fourier_transform";
  synthesis<Space, T>(label, space, tables, InnerColumns::twice, samples, spectrum,
                      Gradient::replace, y, scratch);
}

template <class Space, class T>
void inverse_fourier_transform_gradient(Space const& space, FourierTables<Space, T> const& tables,
                                        std::int64_t samples, Rows<Space, T const> dy,
                                        Gradient gradient, Rows<Space, T> dspectrum,
                                        Row<Space, T> scratch) {
  static std::string const label = "kernels::inverse_fourier_transform_gradient";
  analysis<Space, T>(label, space, tables, InnerColumns::twice, samples, dy, gradient, dspectrum,
                     scratch);
}

template <class Space, class T>
std::int64_t fourier_scratch(Space const& space, FourierGrid const& grid, std::int64_t samples) {
  if constexpr (is_host<Space>) {
    cpu::FourierTables<T> const tables(grid);
    std::int64_t const shares =
        std::min<std::int64_t>(samples * cpu::fourier_strips<T>(grid), space.concurrency());
    return shares *
           std::max(cpu::fourier_analysis_scratch(tables), cpu::fourier_synthesis_scratch(tables));
  } else {
    return portable::fourier_scratch(grid, samples);
  }
}

#define CROSSJOULE_INSTANTIATE(S, T)                                                               \
  template class FourierTables<S, T>;                                                              \
  template void fourier_transform<S, T>(S const&, FourierTables<S, T> const&, std::int64_t,        \
                                        Rows<S, T const>, Rows<S, T>, Row<S, T>);                  \
  template void fourier_transform_gradient<S, T>(S const&, FourierTables<S, T> const&,             \
                                                 std::int64_t, Rows<S, T const>, Gradient,         \
                                                 Rows<S, T>, Row<S, T>);                           \
  template void inverse_fourier_transform<S, T>(S const&, FourierTables<S, T> const&,              \
                                                std::int64_t, Rows<S, T const>, Rows<S, T>,        \
                                                Row<S, T>);                                        \
  template void inverse_fourier_transform_gradient<S, T>(S const&, FourierTables<S, T> const&,     \
                                                         std::int64_t, Rows<S, T const>, Gradient, \
                                                         Rows<S, T>, Row<S, T>);                   \
  template std::int64_t fourier_scratch<S, T>(S const&, FourierGrid const&, std::int64_t);
CROSSJOULE_FOR_SPACES(CROSSJOULE_INSTANTIATE)

}  // namespace crossjoule::kernels
