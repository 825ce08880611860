// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/record_merits.hpp"

#include <limits>
#include <vector>

namespace crossjoule::aimc {
namespace {

/// A figure over the batches as three arrays.
template <class Of>
void write_series(core::H5File& file, std::string const& path, std::string_view what,
                  std::size_t batches, Of&& of) {
  std::vector<double> low, value, high;
  std::string_view unit;
  for (std::size_t k = 0; k < batches; ++k) {
    auto const figure = of(k);
    unit = unit_symbol(figure.value);
    auto number = [&](double one) {
      return figure.present() ? one : std::numeric_limits<double>::quiet_NaN();
    };
    low.push_back(number(figure.low.value));
    value.push_back(number(figure.value.value));
    high.push_back(number(figure.high.value));
  }
  file.write(path + "_low", low, {unit, what});
  file.write(path + "_value", value, {unit, what});
  file.write(path + "_high", high, {unit, what});
}

/// `of` gives the merits of a batch.
template <class Of>
void write_all(core::H5File& file, std::string const& path, std::size_t batches, Of&& of) {
  auto one = [&](char const* name, std::string_view what, auto member) {
    write_series(file, path + name, what, batches, [&](std::size_t k) { return of(k).*member; });
  };
  one("power", "joules of a batch / its latency", &Merits::power);
  one("throughput", "ops of the network's products, two per MAC", &Merits::throughput);
  one("efficiency", "those ops per joule", &Merits::efficiency);
  one("density", "throughput / area of all chips; NaN: no area", &Merits::density);
  one("energy_per_mac", "joules per MAC of the network", &Merits::energy_per_mac);
  one("energy_delay", "joules of a sample x latency of the batch", &Merits::energy_delay);
}

}  // namespace

void write_merits(core::H5File& file, std::string const& group, Estimate const& estimate,
                  core::Boundary boundary) {
  auto const path = group + "/merits/" + std::string(core::to_string(boundary)) + "/";
  write_all(file, path, estimate.batches.size(),
            [&](std::size_t k) { return estimate.merits(k, boundary); });
}

void write_peak(core::Record& record, std::string const& group, Peak const& peak) {
  record.quantity(group + "/peak/throughput", peak.throughput, "all cells of all chips at work");
  record.quantity(group + "/peak/efficiency", peak.efficiency, "arrays with DAC and ADC");
  if (peak.density.present())
    record.quantity(group + "/peak/density", peak.density, "peak throughput / area");
}

void write_iso_node(core::Record& record, std::string const& group, Estimate const& estimate) {
  if (!estimate.iso_node) return;
  auto const& iso = *estimate.iso_node;
  auto const root = group + "/iso_node";
  auto& file = record.file();
  if (iso.area_unscaled.present()) {
    record.quantity(root + "/area_unscaled", iso.area_unscaled, "digital parts scaled alone");
    record.quantity(root + "/area_scaled", iso.area_scaled, "arrays and converters scaled too");
  }
  auto const batches = iso.batches.size();
  for (std::size_t b = 0; b < 3; ++b) {
    auto const boundary = static_cast<core::Boundary>(b);
    auto const path = root + "/" + std::string(core::to_string(boundary)) + "/";
    auto line = [&](std::size_t k) -> IsoLine const& { return iso.batches[k][b]; };
    write_series(
        file, path + "joules_unscaled",
        "per sample: digital units and links at the node, arrays and converters as they are",
        batches, [&](std::size_t k) { return line(k).unscaled; });
    write_series(file, path + "joules_scaled", "per sample: arrays and converters scaled too",
                 batches, [&](std::size_t k) { return line(k).scaled; });
    write_all(file, path, batches, [&](std::size_t k) { return line(k).merits; });
  }
  file.attribute(root, "node_nm", iso.node_nm);
  file.attribute(root, "digital_energy_ratio", iso.energy_ratio);
  file.attribute(root, "digital_area_ratio", iso.area_ratio);
  file.attribute(
      root, "law",
      "energy: wire V^2, area: wire^2, of the nodes as tabulated in the public parameter "
      "files of DNN+NeuroSim V1.4; times are not scaled");
}

}  // namespace crossjoule::aimc
