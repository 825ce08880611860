// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/what_if.hpp"

#include "core/error.hpp"
#include "models/cost.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace crossjoule::aimc {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t device = 0, system_line = 2;
/// Numbers of a point that travel between ranks.
constexpr std::size_t width = 10;

using Packed = std::array<double, width>;

std::vector<double> coordinates(std::vector<SweepAxis> const& axes, std::int64_t index) {
  std::vector<double> at(axes.size());
  for (std::size_t k = axes.size(); k-- > 0;) {
    auto const size = static_cast<std::int64_t>(axes[k].values.size());
    at[k] = axes[k].values[static_cast<std::size_t>(index % size)];
    index /= size;
  }
  return at;
}

/// A point's numbers; NaN throughout where the design is refused.
Packed work_out(models::Graph const& graph, Chip chip, std::string mode, Terms const& assumed,
                Workload workload, std::vector<SweepAxis> const& axes,
                std::vector<double> const& at) {
  Packed packed;
  packed.fill(nan);
  workload.batches.resize(1);
  workload.rate_hz = 0;
  try {
    for (std::size_t k = 0; k < axes.size(); ++k) switch (axes[k].what) {
        case SweepAxis::What::knob: chip.turn(axes[k].name, at[k]); break;
        case SweepAxis::What::mode: mode = axes[k].modes[static_cast<std::size_t>(at[k])]; break;
        case SweepAxis::What::chips: workload.map.chips = std::llround(at[k]); break;
        case SweepAxis::What::batch: workload.batches = {std::llround(at[k])}; break;
        case SweepAxis::What::replicas: workload.copies = std::llround(at[k]); break;
      }
    auto const& read_mode = chip.mode(mode);
    Case const point(graph, chip, read_mode, assumed, workload);
    auto const result = point.at({});
    auto const& lines = result.batches.front();
    auto const chip_area = area(chip, read_mode);
    auto const copies = workload.copies;
    auto const chips = static_cast<double>(point.tiles().chips(copies));
    packed = {lines[system_line].latency,
              result.interval,
              lines[device].joules(),
              lines[1].joules(),
              lines[system_line].joules(),
              chip_area.present() ? chips * chip_area.value.value : nan,
              static_cast<double>(point.tiles().tiles() * copies),
              chips,
              point.tiles().utilisation(),
              1};
  } catch (core::Error const& error) {
    if (error.code() != core::ExitCode::bad_input) throw;
    packed.back() = 0;  // what does not fit is part of the answer
  }
  return packed;
}

SweepPoint unpacked(Packed const& p, std::vector<double> at) {
  SweepPoint point;
  point.at = std::move(at);
  point.latency = p[0];
  point.interval = p[1];
  point.joules = {p[2], p[3], p[4]};
  point.area = p[5];
  point.tiles = p[6];
  point.chips = p[7];
  point.utilisation = p[8];
  point.fits = p[9] > 0;
  return point;
}

/// As good in everything and better in something; an unknown area decides nothing.
bool beats(SweepPoint const& a, SweepPoint const& b) {
  bool const areas = !std::isnan(a.area) && !std::isnan(b.area);
  if (a.latency > b.latency || a.joules[system_line] > b.joules[system_line]) return false;
  if (areas && a.area > b.area) return false;
  return a.latency < b.latency || a.joules[system_line] < b.joules[system_line] ||
         (areas && a.area < b.area);
}

Spread spread_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  auto const last = static_cast<double>(values.size() - 1);
  auto at = [&](double share) {
    auto const place = share * last;
    auto const k = static_cast<std::size_t>(place);
    auto const next = std::min(k + 1, values.size() - 1);
    return values[k] + (values[next] - values[k]) * (place - std::floor(place));
  };
  double sum = 0;
  for (auto value : values) sum += value;
  return {sum / static_cast<double>(values.size()), at(0.05), at(0.5), at(0.95)};
}

}  // namespace

std::int64_t grid_size(std::vector<SweepAxis> const& axes) {
  constexpr std::int64_t most = std::int64_t{1} << 40;
  std::int64_t size = 1;
  for (auto const& axis : axes) {
    size *= static_cast<std::int64_t>(axis.values.size());
    if (size > most) return most;
  }
  return size;
}

std::vector<SweepPoint> sweep(models::Graph const& graph, Chip const& chip, std::string const& mode,
                              Terms const& assumed, Workload const& workload,
                              std::vector<SweepAxis> const& axes, std::int64_t most_points,
                              core::Comm const& comm) {
  auto const size = grid_size(axes);
  VALIDATE(size <= most_points,
           "the sweep has {} points (sweep.most_points allows {}) raise it, or shorten an axis",
           size, most_points);
  auto const share = comm.share(size);
  std::vector<Packed> mine;
  for (auto k = share.first; k < share.last; ++k)
    mine.push_back(work_out(graph, chip, mode, assumed, workload, axes, coordinates(axes, k)));
  auto const all = comm.all_gather(mine);
  std::vector<SweepPoint> points;
  auto const ops = 2 * static_cast<double>(models::cost(graph).forward.product_macs);
  for (std::int64_t k = 0; k < size; ++k) {
    points.push_back(unpacked(all[static_cast<std::size_t>(k)], coordinates(axes, k)));
    points.back().ops = ops;
  }
  mark_best(points);
  return points;
}

void mark_best(std::vector<SweepPoint>& points) {
  std::vector<std::size_t> order;
  for (std::size_t k = 0; k < points.size(); ++k)
    if (points[k].fits) order.push_back(k);
  // who comes later in this order can never beat who came before, so one pass is enough
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    auto const &x = points[a], &y = points[b];
    if (x.latency != y.latency) return x.latency < y.latency;
    if (x.joules[system_line] != y.joules[system_line])
      return x.joules[system_line] < y.joules[system_line];
    return x.area < y.area;
  });
  std::vector<std::size_t> front;
  for (auto k : order) {
    bool const is_beaten = std::any_of(front.begin(), front.end(), [&](std::size_t best) {
      return beats(points[best], points[k]);
    });
    points[k].is_best = !is_beaten;
    if (!is_beaten) front.push_back(k);
  }
}

std::vector<DrawnBatch> monte_carlo(Case const& at, std::int64_t draws, std::uint64_t seed,
                                    core::Comm const& comm) {
  auto const batches = at.workload().batches.size();
  auto const share = comm.share(draws);
  std::vector<double> mine;
  for (auto draw = share.first; draw < share.last; ++draw) {
    Pick pick{Pick::At::drawn};
    pick.seed = seed;
    pick.draw = static_cast<std::uint64_t>(draw);
    auto const outcome = at.at(pick);
    for (auto const& lines : outcome.batches)
      for (auto const& line : lines) {
        mine.push_back(line.latency);
        mine.push_back(line.joules());
      }
  }
  auto const all = comm.all_gather(mine);
  auto const stride = batches * 6;
  std::vector<DrawnBatch> result(batches);
  for (std::size_t b = 0; b < batches; ++b) {
    result[b].batch = at.workload().batches[b];
    for (std::size_t line = 0; line < 3; ++line) {
      std::vector<double> latency, joules;
      for (std::size_t k = b * 6 + line * 2; k < all.size(); k += stride) {
        latency.push_back(all[k]);
        joules.push_back(all[k + 1]);
      }
      result[b].latency[line] = spread_of(std::move(latency));
      result[b].joules[line] = spread_of(std::move(joules));
    }
  }
  return result;
}

std::vector<TornadoBar> tornado(Case const& at) {
  std::vector<TornadoBar> bars;
  for (auto const& name : at.figures()) {
    auto varied = [&](Pick::At end) {
      Pick pick;
      pick.alone = name;
      pick.alone_at = end;
      return at.at(pick).batches.front()[system_line];
    };
    auto const low = varied(Pick::At::low), high = varied(Pick::At::high);
    bars.push_back({name, low.joules(), high.joules(), low.latency, high.latency});
  }
  std::stable_sort(bars.begin(), bars.end(), [](TornadoBar const& a, TornadoBar const& b) {
    return a.joules_high - a.joules_low > b.joules_high - b.joules_low;
  });
  return bars;
}

double crossover_batch(double fixed, double each, double chip) {
  return chip > each ? fixed / (chip - each) : 0;
}

}  // namespace crossjoule::aimc
