// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace crossjoule::aimc {

/// What a process node is called and what its wires and supply are: half pitch of the lowest metal
/// in nm and nominal supply in V of the low-standby-power device, as tabulated in the public
/// parameter files of DNN+NeuroSim V1.4 (130 nm to 1 nm; there after the IRDS reports 2016 to
/// 2022). Between two nodes both are interpolated in the logarithm of the node.
struct ProcessNode {
  double wire_nm = 0, supply_volt = 0;
};
/// Error (bad_input) for a node outside 1 to 130 nm.
ProcessNode process_node(double nanometres);

/// What digital logic spends at `to` for a joule at `from`: C V^2 with C along the wire, so
/// wire V^2 / (wire V^2). Nothing is scaled by it unless a study asks.
double digital_energy_ratio(double from_nanometres, double to_nanometres);
/// Area of the same: wire^2 / wire^2.
double digital_area_ratio(double from_nanometres, double to_nanometres);

}  // namespace crossjoule::aimc
