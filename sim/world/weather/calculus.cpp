// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/weather/calculus.hpp"

#include "sim/world/weather/legendre.hpp"

#include <algorithm>

namespace crossjoule::sim::weather {
namespace {

/// i m a / radius
inline Complex along_longitude(double m_over_radius, Complex a) {
  return {-m_over_radius * a.imag(), m_over_radius * a.real()};
}

}  // namespace

Calculus::Calculus(Sphere const& sphere, double radius_m)
    : truncation_(sphere.truncation()), radius_m_(radius_m), epsilon_(sphere.spectrum_size()) {
  for (int m = 0; m <= truncation_; ++m) {
    first_.push_back(sphere.at(m, m));
    for (int l = m; l <= truncation_ + 1; ++l) epsilon_[sphere.at(l, m)] = epsilon(l, m);
  }
  for (int l = 0; l <= truncation_ + 1; ++l)
    laplacian_.push_back(-static_cast<double>(l) * (l + 1) / (radius_m * radius_m));
}

void Calculus::apply_laplacian(Spectrum& spectrum) const {
  for (int m = 0; m <= truncation_; ++m) {
    Complex* const values = spectrum.data() + first_[static_cast<std::size_t>(m)] - m;
    for (int l = m; l <= truncation_ + 1; ++l) values[l] *= laplacian(l);
  }
}

void Calculus::apply_inverse_laplacian(Spectrum& spectrum) const {
  spectrum[0] = 0;
  for (int m = 0; m <= truncation_; ++m) {
    Complex* const values = spectrum.data() + first_[static_cast<std::size_t>(m)] - m;
    for (int l = std::max(m, 1); l <= truncation_ + 1; ++l) values[l] /= laplacian(l);
  }
}

// With stream function psi and velocity potential chi, the inverse Laplacians of vorticity and
// divergence: u cos = (dchi/dlon - (1 - mu^2) dpsi/dmu) / a, v cos = (dpsi/dlon + (1 - mu^2)
// dchi/dmu) / a, and (1 - mu^2) dP_l/dmu = (l + 1) epsilon_l P_{l-1} - l epsilon_{l+1} P_{l+1}.
void Calculus::winds(Spectrum const& vorticity, Spectrum const& divergence, Spectrum& u,
                     Spectrum& v) const {
  u.resize(epsilon_.size());
  v.resize(epsilon_.size());
  for (int m = 0; m <= truncation_; ++m) {
    std::size_t const first = first_[static_cast<std::size_t>(m)];
    auto const last = static_cast<std::size_t>(truncation_ + 1 - m);
    // the derivative of degree l reaches l - 1 and l + 1
    for (std::size_t n = 0; n <= last; ++n) {
      int const l = m + static_cast<int>(n);
      std::size_t const here = first + n;
      Complex slope_psi = 0, slope_chi = 0, psi = 0, chi = 0;
      if (l > m && l > 1) {
        double const factor = -(l - 1) * epsilon_[here] / laplacian(l - 1);
        slope_psi += factor * vorticity[here - 1];
        slope_chi += factor * divergence[here - 1];
      }
      if (n < last) {
        double const factor = (l + 2) * epsilon_[here + 1] / laplacian(l + 1);
        slope_psi += factor * vorticity[here + 1];
        slope_chi += factor * divergence[here + 1];
      }
      if (l > 0) {
        psi = vorticity[here] / laplacian(l);
        chi = divergence[here] / laplacian(l);
      }
      u[here] = along_longitude(m / radius_m_, chi) - slope_psi / radius_m_;
      v[here] = along_longitude(m / radius_m_, psi) + slope_chi / radius_m_;
    }
  }
}

// Integration by parts in mu: the projection of dB/dmu / a on P_l is that of -B / (1 - mu^2) on
// (1 - mu^2) dP_l/dmu.
void Calculus::combine(Spectrum const& along, Spectrum const& across, double sign,
                       Spectrum& out) const {
  out.resize(epsilon_.size());
  for (int m = 0; m <= truncation_; ++m) {
    std::size_t const first = first_[static_cast<std::size_t>(m)];
    auto const last = static_cast<std::size_t>(truncation_ - m);
    for (std::size_t n = 0; n <= last; ++n) {
      int const l = m + static_cast<int>(n);
      std::size_t const here = first + n;
      Complex slope = -l * epsilon_[here + 1] * across[here + 1];
      if (n > 0) slope += (l + 1) * epsilon_[here] * across[here - 1];
      out[here] = along_longitude(m / radius_m_, along[here]) - (sign / radius_m_) * slope;
    }
    out[first + last + 1] = 0;
  }
}

void Calculus::divergence(Spectrum const& a, Spectrum const& b, Spectrum& out) const {
  combine(a, b, 1, out);
}

void Calculus::curl(Spectrum const& a, Spectrum const& b, Spectrum& out) const {
  combine(b, a, -1, out);
}

}  // namespace crossjoule::sim::weather
