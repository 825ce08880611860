// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/process_node.hpp"

#include "core/error.hpp"

#include <array>
#include <cmath>

namespace crossjoule::aimc {
namespace {

struct Row {
  double nanometres;
  ProcessNode node;
};
constexpr std::array<Row, 13> table = {{{1, {8, 0.6}},
                                        {2, {10, 0.65}},
                                        {3, {12, 0.7}},
                                        {5, {15, 0.7}},
                                        {7, {20, 0.7}},
                                        {10, {22, 0.75}},
                                        {14, {32, 0.8}},
                                        {22, {40, 0.85}},
                                        {32, {56, 0.9}},
                                        {45, {80, 1.0}},
                                        {65, {105, 1.1}},
                                        {90, {110, 1.2}},
                                        {130, {175, 1.3}}}};

}  // namespace

ProcessNode process_node(double nanometres) {
  VALIDATE(nanometres >= table.front().nanometres && nanometres <= table.back().nanometres,
           "process node {} nm is not known (the table holds {} to {} nm) choose one within",
           nanometres, table.front().nanometres, table.back().nanometres);
  std::size_t k = 1;
  while (table[k].nanometres < nanometres) ++k;
  auto const &low = table[k - 1], &high = table[k];
  auto const share =
      std::log(nanometres / low.nanometres) / std::log(high.nanometres / low.nanometres);
  auto between = [&](double a, double b) { return a * std::pow(b / a, share); };
  return {between(low.node.wire_nm, high.node.wire_nm),
          between(low.node.supply_volt, high.node.supply_volt)};
}

double digital_energy_ratio(double from_nanometres, double to_nanometres) {
  auto const from = process_node(from_nanometres), to = process_node(to_nanometres);
  auto const supply = to.supply_volt / from.supply_volt;
  return to.wire_nm / from.wire_nm * supply * supply;
}

double digital_area_ratio(double from_nanometres, double to_nanometres) {
  auto const wire = process_node(to_nanometres).wire_nm / process_node(from_nanometres).wire_nm;
  return wire * wire;
}

}  // namespace crossjoule::aimc
