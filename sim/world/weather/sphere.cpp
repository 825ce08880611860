// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/weather/sphere.hpp"

#include "core/error.hpp"
#include "sim/world/weather/legendre.hpp"
#include "sim/world/weather/small_product.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace crossjoule::sim::weather {
namespace {

std::size_t half_of(int lat) { return static_cast<std::size_t>(lanes_for((lat + 1) / 2)); }

int checked_lon(int lat, int lon, int truncation) {
  constexpr int most = 1024;
  VALIDATE(lat >= 2 && lat <= most, "{} latitudes (a grid has 2 to {}) change lat", lat, most);
  VALIDATE(lon >= 4 && lon % 2 == 0 && lon <= 2 * most,
           "{} longitudes (must be an even number from 4 to {}) change lon", lon, 2 * most);
  int const largest = std::min(lat - 1, (lon - 1) / 2);
  VALIDATE(truncation >= 1 && truncation <= largest,
           "truncation {} on a grid of {} x {} (it resolves degrees 1 to {}) change truncation, "
           "or lat and lon",
           truncation, lat, lon, largest);
  return lon;
}

}  // namespace

Sphere::Sphere(int lat, int lon, int truncation)
    : lat_(lat),
      truncation_(truncation),
      half_blocks_(half_of(lat)),
      fourier_(checked_lon(lat, lon, truncation)),
      nodes_(gauss_nodes(lat)),
      blocks_(2 * half_blocks_) {
  for (std::size_t block = 0; block < blocks_.size(); ++block) {
    LatitudeBlock& here = blocks_[block];
    for (int lane = 0; lane < lane_count; ++lane) {
      int const row = row_of(block, lane);
      auto const j = static_cast<std::size_t>(std::max(row, 0));
      bool const equator = row >= 0 && 2 * row + 1 == lat;  // stands in both halves
      double const mu = row < 0 ? 0 : nodes_.mu[j];
      here.mu[lane] = mu;
      here.cosine[lane] = std::sqrt(1 - mu * mu);
      here.inverse_cosine_squared[lane] = 1 / (1 - mu * mu);
      here.weight[lane] = row < 0 ? 0 : nodes_.weight[j] / (equator ? 4 : 2);
    }
  }
  first_.push_back(0);
  for (int m = 0; m <= truncation; ++m)
    first_.push_back(first_.back() + static_cast<std::size_t>(truncation + 2 - m));
  fill_tables();
}

int Sphere::row_of(std::size_t block, int lane) const {
  bool const north = block < half_blocks_;
  int const j = static_cast<int>(north ? block : block - half_blocks_) * lane_count + lane;
  if (j >= (lat_ + 1) / 2) return -1;
  return north ? j : lat_ - 1 - j;
}

void Sphere::fill_tables() {
  auto const latitudes = static_cast<std::size_t>((lat_ + 1) / 2);
  tables_.resize(2 * modes());
  for (int m = 0; m <= truncation_; ++m) {
    Table* const both = &tables_[2 * static_cast<std::size_t>(m)];
    for (int parity : {0, 1}) {
      Table& table = both[parity];
      table.degrees = (truncation_ + 1 - m - parity) / 2 + 1;
      auto const degrees = static_cast<std::size_t>(table.degrees);
      table.by_latitude.assign(degrees * half_blocks_, Lanes{});
      table.by_degree.assign(
          half_blocks_ * lane_count * static_cast<std::size_t>(lanes_for(table.degrees)), Lanes{});
    }
    for (std::size_t j = 0; j < latitudes; ++j) {
      std::vector<double> const values = legendre_functions(m, truncation_ + 1, nodes_.mu[j]);
      for (std::size_t n = 0; n < values.size(); ++n) {
        Table& table = both[n % 2];
        std::size_t const k = n / 2;
        auto const columns = static_cast<std::size_t>(lanes_for(table.degrees));
        table.by_latitude[k * half_blocks_ + j / lane_count][j % lane_count] = values[n];
        table.by_degree[j * columns + k / lane_count][k % lane_count] = values[n];
      }
    }
  }
}

void Sphere::synthesise_order(std::size_t m, std::span<Spectrum const> from) {
  std::size_t const rows = 2 * from.size();
  product_.resize(2 * rows * half_blocks_);
  for (std::size_t parity : {0, 1}) {
    Table const& table = tables_[2 * m + parity];
    auto const degrees = static_cast<std::size_t>(table.degrees);
    packed_.resize(rows * degrees);
    for (std::size_t field = 0; field < from.size(); ++field) {
      Complex const* const values = from[field].data() + first_[m] + parity;
      for (std::size_t k = 0; k < degrees; ++k) {
        packed_[k * rows + 2 * field] = values[2 * k].real();
        packed_[k * rows + 2 * field + 1] = values[2 * k].imag();
      }
    }
    detail::small_product(rows, half_blocks_, degrees, packed_.data(), table.by_latitude.data(),
                          product_.data() + parity * rows * half_blocks_);
  }
  Lanes const* const even = product_.data();
  Lanes const* const odd = even + rows * half_blocks_;
  for (std::size_t field = 0; field < from.size(); ++field)
    for (std::size_t block = 0; block < half_blocks_; ++block) {
      std::size_t const re = 2 * field * half_blocks_ + block, im = re + half_blocks_;
      fourier_at(field, block, m) = {even[re] + odd[re], even[im] + odd[im]};
      fourier_at(field, block + half_blocks_, m) = {even[re] - odd[re], even[im] - odd[im]};
    }
}

void Sphere::synthesise(std::span<Spectrum const> from, std::span<Field> to) {
  EXPECT(from.size() == to.size());
  spectral_rows_.resize(std::max(spectral_rows_.size(), from.size() * blocks_.size() * modes()));
  for (std::size_t m = 0; m < modes(); ++m) synthesise_order(m, from);
  for (std::size_t field = 0; field < to.size(); ++field) {
    to[field].resize(field_size());
    for (std::size_t block = 0; block < blocks_.size(); ++block)
      fourier_.synthesise(&fourier_at(field, block, 0), truncation_,
                          to[field].data() + block_begin(block));
  }
}

void Sphere::analyse_order(std::size_t m, std::span<Spectrum> to) {
  std::size_t const rows = 2 * to.size(), latitudes = half_blocks_ * lane_count;
  for (std::size_t parity : {0, 1}) {
    Table const& table = tables_[2 * m + parity];
    auto const degrees = static_cast<std::size_t>(table.degrees);
    auto const columns = static_cast<std::size_t>(lanes_for(table.degrees));
    packed_.resize(rows * latitudes);
    product_.resize(rows * columns);
    for (std::size_t field = 0; field < to.size(); ++field)
      for (std::size_t block = 0; block < half_blocks_; ++block) {
        ComplexLanes const& north = fourier_at(field, block, m);
        ComplexLanes const& south = fourier_at(field, block + half_blocks_, m);
        Lanes const weight = blocks_[block].weight;
        Lanes const re = weight * (parity == 0 ? north.re + south.re : north.re - south.re);
        Lanes const im = weight * (parity == 0 ? north.im + south.im : north.im - south.im);
        double* const at = packed_.data() + block * lane_count * rows + 2 * field;
        for (std::size_t lane = 0; lane < lane_count; ++lane) {
          at[lane * rows] = re[lane];
          at[lane * rows + 1] = im[lane];
        }
      }
    detail::small_product(rows, columns, latitudes, packed_.data(), table.by_degree.data(),
                          product_.data());
    for (std::size_t field = 0; field < to.size(); ++field) {
      Complex* const values = to[field].data() + first_[m] + parity;
      Lanes const* const re = product_.data() + 2 * field * columns;
      Lanes const* const im = re + columns;
      for (std::size_t k = 0; k < degrees; ++k)
        values[2 * k] = {re[k / lane_count][k % lane_count], im[k / lane_count][k % lane_count]};
    }
  }
}

void Sphere::analyse(std::span<Field const> from, std::span<Spectrum> to) {
  EXPECT(from.size() == to.size());
  spectral_rows_.resize(std::max(spectral_rows_.size(), from.size() * blocks_.size() * modes()));
  for (std::size_t field = 0; field < from.size(); ++field) {
    EXPECT(from[field].size() == field_size());
    to[field].resize(spectrum_size());
    for (std::size_t block = 0; block < blocks_.size(); ++block)
      fourier_.analyse(from[field].data() + block_begin(block), truncation_,
                       &fourier_at(field, block, 0));
  }
  for (std::size_t m = 0; m < modes(); ++m) analyse_order(m, to);
}

Spectrum Sphere::spectrum_of(Field const& field) {
  Spectrum spectrum;
  analyse({&field, 1}, {&spectrum, 1});
  for (int m = 0; m <= truncation_; ++m) spectrum[at(truncation_ + 1, m)] = 0;
  return spectrum;
}

Field Sphere::field_of(Spectrum const& spectrum) {
  Field field;
  synthesise({&spectrum, 1}, {&field, 1});
  return field;
}

}  // namespace crossjoule::sim::weather
