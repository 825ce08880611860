// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/config.hpp"
#include "models/graph.hpp"

#include <cstdint>

namespace crossjoule::models {

/// Which rows of the spectrum a hard-threshold fraction below 1 keeps. `upstream`: the rows around
/// the Nyquist row, as FourCastNet's code does (a slip of the published code, see
/// docs/networks.md); `low`: those with the smallest wave numbers, as meant.
enum class KeptRows { upstream, low };

/// FourCastNet's network (Guibas et al., arXiv:2111.13587; Pathak et al., arXiv:2202.11214). The
/// defaults are the published standard size: 74,691,840 parameters.
struct AfnoOptions {
  std::int64_t rows = 720, columns = 1440;  ///< grid points in latitude and longitude
  std::int64_t channels_in = 20, channels_out = 20;
  std::int64_t patch = 8, embed = 768, depth = 12, blocks = 8;
  double mlp_ratio = 4;                   ///< width of the hidden layer over `embed`
  double sparsity = 0.01;                 ///< threshold of the soft shrink
  double hard_thresholding_fraction = 1;  ///< of the modes that the token height allows
  KeptRows kept_rows = KeptRows::upstream;
  std::int64_t hidden_factor = 1;  ///< width of the spectral layer over that of a block
  /// The next state, or its change: the input's first channels are then added to the output.
  enum class Predicts { state, change } predicts = Predicts::state;
  enum class Skip { single, twice } skip = Skip::twice;  ///< a residual after the filter too?
  enum class FinalNorm { absent, unused } final_norm = FinalNorm::unused;
  std::int64_t steps = 1;  ///< times the network is applied before the loss (fine-tuning: 2)
  RelativeError loss{};
};

/// Nodes: input, embed, block<d>.{norm1, spectrum, spectrum.*, filter, norm2, fc1, mlp, out, …},
/// norm (never applied: it exists in the published checkpoints), head, output (change, before and
/// output, where changes are predicted), target, objective.
/// Parameter names are those of the published state: pos_embed, patch.w, block0.w1, head.w, ….
/// Error (bad_input): the patch does not divide the grid, the blocks do not divide `embed`, no mode
/// is kept, several steps or a change with channels_in < channels_out.
Graph afno(AfnoOptions const& options = {});

/// The window of the half spectrum that is kept: `rows` rows from `first_row` on, counted round.
struct KeptModes {
  std::int64_t first_row = 0, rows = 1, columns = 1;
  bool operator==(KeptModes const&) const = default;
};
/// Both counts come from the token height: total = rows / 2 + 1, kept = int(total fraction),
/// columns [0, kept); rows [total - kept, total + kept) by upstream's rule, [0, kept) and [-kept,
/// -1] by the rule `low`, both cut to what there is.
KeptModes kept_modes(std::int64_t token_rows, std::int64_t token_columns, double fraction,
                     KeptRows rule = KeptRows::upstream);

/// Read the keys of a `[network]` table with kind = "afno".
AfnoOptions read_afno_options(core::Config& network);

}  // namespace crossjoule::models
