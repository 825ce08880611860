// SPDX-License-Identifier: BSD-3-Clause
#include "core/error.hpp"
#include "meter/account.hpp"
#include "meter/carbon.hpp"
#include "meter/values.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

namespace crossjoule::meter {
namespace {

/// Totals of one device as the record's matrices hold them: sums over the phases.
core::Quantity<core::Joules> total_of(core::H5File const& file, std::size_t node,
                                      std::size_t device) {
  for (auto const kind : {core::Kind::measured_counter, core::Kind::measured_sampled,
                          core::Kind::modelled, core::Kind::assumed}) {
    std::string const base = joules_path(kind);
    if (!file.exists(base)) continue;
    auto const shape = file.shape(base);
    bool const holds_it = shape.size() == 3 && static_cast<std::size_t>(shape[0]) > node &&
                          static_cast<std::size_t>(shape[1]) > device &&
                          file.shape(base + "_low") == shape && file.shape(base + "_high") == shape;
    if (!holds_it) continue;
    auto const devices = static_cast<std::size_t>(shape[1]),
               phases = static_cast<std::size_t>(shape[2]);
    std::array<double, 3> sums{};
    bool any = false;
    std::size_t end = 0;
    for (char const* suffix : {"_low", "", "_high"}) {
      auto const values = file.read<double>(base + suffix);
      for (std::size_t p = 0; p < phases; ++p) {
        double const value = values.at((node * devices + device) * phases + p);
        if (!std::isfinite(value)) continue;
        sums[end] += value, any = true;
      }
      ++end;
    }
    if (any) return {{sums[0]}, {sums[1]}, {sums[2]}, kind};
  }
  return {};
}

/// Cumulative share of a device's joules at its stamps, from its series; empty without one.
std::vector<std::pair<std::int64_t, double>> shape_of(core::H5File const& file,
                                                      std::string const& device) {
  std::vector<std::pair<std::int64_t, double>> points;
  if (!file.exists(device + "/t_ns")) return points;
  auto const times = file.read<std::int64_t>(device + "/t_ns");
  bool const is_counter = file.exists(device + "/counter");
  auto const counter =
      is_counter ? file.read<std::uint64_t>(device + "/counter") : std::vector<std::uint64_t>();
  auto const watt = is_counter ? std::vector<double>() : file.read<double>(device + "/power_watt");
  std::uint64_t const modulus =
      std::strtoull(file.read_attribute_text(device, "modulus").c_str(), nullptr, 10);
  if (times.size() < 2 || times.size() != (is_counter ? counter.size() : watt.size()))
    return points;
  double sum = 0;
  points.emplace_back(times[0], 0);
  for (std::size_t k = 1; k < times.size(); ++k) {
    if (times[k] <= times[k - 1]) continue;
    if (is_counter) {
      bool const fell = counter[k] < counter[k - 1];
      if (!fell || modulus > 0)  // a reset adds nothing
        sum += static_cast<double>(counter[k] - counter[k - 1] + (fell ? modulus : 0));
    } else {
      sum += 0.5 * (watt[k] + watt[k - 1]) * static_cast<double>(times[k] - times[k - 1]);
    }
    points.emplace_back(times[k], sum);
  }
  for (auto& [time, value] : points) value = sum > 0 ? value / sum : 0;
  return sum > 0 ? points : std::vector<std::pair<std::int64_t, double>>();
}

}  // namespace

EnergyTimeline read_timeline(core::H5File const& file) {
  VALIDATE(file.exists("/energy/node") && file.exists("/energy/nodes"),
           "{} holds no joules (no /energy) name a metered record", file.path().string());
  EnergyTimeline timeline;
  bool has_any = false;
  auto const nodes = file.read_strings("/energy/node");
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    std::string const node = "/energy/nodes/" + nodes[n];
    std::int64_t const offset = file.has_attribute(node, "utc_minus_steady_ns")
                                    ? file.read_attribute_integer(node, "utc_minus_steady_ns")
                                    : 0;
    std::string order = file.read_attribute_text(node, "device_order");
    for (std::size_t d = 0; !order.empty(); ++d) {
      std::string id = order.substr(0, order.find(' '));
      order.erase(0, std::min(order.size(), id.size() + 1));
      std::replace(id.begin(), id.end(), '/', '_');
      std::string const device = node + "/devices/" + id;
      if (file.read_attribute_text(device, "use") != "counted") continue;
      auto const total = total_of(file, n, d);
      if (!total.present()) continue;
      timeline.total = has_any ? timeline.total + total : total;
      has_any = true;
      auto const points = shape_of(file, device);
      if (points.empty()) {
        timeline.is_spread = true;
        timeline.slices.push_back({offset, offset, total.value.value});
        continue;
      }
      for (std::size_t k = 1; k < points.size(); ++k)
        timeline.slices.push_back({points[k - 1].first + offset, points[k].first + offset,
                                   total.value.value * (points[k].second - points[k - 1].second)});
    }
  }
  VALIDATE(has_any, "{} holds no joules that are counted (all absent) name another record",
           file.path().string());
  return timeline;
}

}  // namespace crossjoule::meter
