// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/cpu/fourier.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace crossjoule::kernels::cpu {
namespace {

struct OnCircle {
  long double cosine, sine;
};

/// cos and sin of 2 pi step / points, exact at the quarters: terms that ought to vanish do.
OnCircle on_circle(std::int64_t step, std::int64_t points) {
  std::int64_t const quarters = 4 * (step % points) / points, rest = 4 * (step % points) % points;
  long double const angle = std::numbers::pi_v<long double> / 2 * static_cast<long double>(rest) /
                            static_cast<long double>(points);
  long double const c = rest == 0 ? 1 : std::cos(angle), s = rest == 0 ? 0 : std::sin(angle);
  switch (quarters) {
    case 0: return {c, s};
    case 1: return {-s, c};
    case 2: return {-c, -s};
    default: return {s, -c};
  }
}

/// Rows u and rows - u of the window share one mode, min(u, rows - u).
struct Modes {
  std::int64_t first, count;
};
Modes row_modes(FourierGrid const& grid) {
  std::int64_t first = grid.rows, last = 0;
  for (std::int64_t r = 0; r < grid.kept_rows; ++r) {
    std::int64_t const u = (grid.first_row + r) % grid.rows, mode = std::min(u, grid.rows - u);
    first = std::min(first, mode);
    last = std::max(last, mode);
  }
  return {first, last - first + 1};  // those between are kept too: a window has no holes
}

template <class T>
FourierAxis<T> column_axis(FourierGrid const& grid, InnerColumns inner) {
  double const scale = 1 / std::sqrt(static_cast<double>(grid.rows * grid.columns));
  std::vector<double> weight(static_cast<std::size_t>(grid.kept_columns), scale);
  for (std::int64_t k = 1; k < grid.kept_columns; ++k)
    if (inner == InnerColumns::twice && 2 * k != grid.columns) weight[k] *= 2;
  return FourierAxis<T>(grid.columns, 0, weight, -1);
}
template <class T>
FourierAxis<T> row_axis(FourierGrid const& grid) {
  auto const [first, count] = row_modes(grid);
  return FourierAxis<T>(grid.rows, first, std::vector<double>(count, 1), 1);
}

template <class T>
std::int64_t size_of(FourierAxis<T> const& axis) {
  std::int64_t numbers = 0;
  for (auto const* tables : {&axis.analysis, &axis.synthesis})
    for (auto const& table : *tables) numbers += static_cast<std::int64_t>(table.size());
  return numbers;
}

}  // namespace

template <class T>
FourierAxis<T>::FourierAxis(std::int64_t points_, std::int64_t first_mode_,
                            std::vector<double> const& weight, double sine)
    : points(points_),
      first_mode(first_mode_),
      modes(static_cast<std::int64_t>(weight.size())),
      parities(points_ % 2 == 0 ? 2 : 1),
      folded(points_ % 2 == 0 ? points_ / 4 + 1 : (points_ + 1) / 2) {
  for (std::int64_t kind = 0; kind < 2; ++kind)
    for (std::int64_t parity = 0; parity < parities; ++parity) {
      std::int64_t const count = modes_of(parity), depth = depth_of(parity);
      auto& from_points = analysis[2 * kind + parity];
      auto& from_modes = synthesis[2 * kind + parity];
      from_points.assign(count * folded, T{0});
      from_modes.assign(folded * depth, T{0});
      for (std::int64_t m = 0; m < count; ++m)
        for (std::int64_t t = 0; t < folded; ++t) {
          std::int64_t const position = first_of(parity) + m * parities;
          OnCircle const at = on_circle((first_mode + position) * t, points);
          auto const value =
              static_cast<T>(weight[position] * (kind == 0 ? at.cosine : sine * at.sine));
          from_points[m * folded + t] = value;
          from_modes[t * depth + m] = value;
        }
    }
}

template <class T>
FourierTables<T>::FourierTables(FourierGrid const& all)
    : grid(all),
      columns_once(column_axis<T>(all, InnerColumns::once)),
      columns_twice(column_axis<T>(all, InnerColumns::twice)),
      rows(row_axis<T>(all)) {}

template <class T>
std::int64_t bytes(FourierTables<T> const& tables) {
  return static_cast<std::int64_t>(sizeof(T)) *
         (size_of(tables.columns_once) + size_of(tables.columns_twice) + size_of(tables.rows));
}

#define CROSSJOULE_INSTANTIATE(T)   \
  template struct FourierAxis<T>;   \
  template struct FourierTables<T>; \
  template std::int64_t bytes<T>(FourierTables<T> const&);
CROSSJOULE_INSTANTIATE(float)
CROSSJOULE_INSTANTIATE(double)

}  // namespace crossjoule::kernels::cpu
