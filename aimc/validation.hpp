// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "aimc/chip.hpp"
#include "aimc/product.hpp"
#include "aimc/tile_map.hpp"
#include "core/config.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace crossjoule::aimc {

/// What agreement with a published figure is worth.
enum class Evidence {
  identity,        ///< follows from the preset by arithmetic: says that the arithmetic is right
  fitted,          ///< silicon, but the preset's constants were fitted to it
  model_to_model,  ///< another simulator's figure
  blind_silicon    ///< silicon that the preset was not fitted to: alone counts as fidelity
};
constexpr std::size_t evidence_count = 4;
/// "identity", "fitted", "model-to-model", "blind-silicon".
std::string_view to_string(Evidence evidence);

/// A layer table as published: products in sequence, and the operations of one sample if the source
/// counts others beside them.
struct LayerTable {
  std::string name;
  std::vector<Product> products;
  double ops = 0;  ///< per sample; 0: two per MAC of the products
  /// Numbers of successive products that are pipelined, groups running one after another and their
  /// fill neglected; empty: all of them are one pipeline.
  std::vector<std::int64_t> groups = {};
};

/// One published figure and how to recompute it.
struct ValidationRow {
  std::string id, chip, mode, quantity, unit, citation;
  std::vector<std::pair<std::string, double>> design;  ///< knobs turned away from the file's values
  std::string network;                                 ///< a layer table's name, or ""
  std::int64_t batch = 1;
  Packing packing = Packing::one_copy;  ///< may samples of the batch share products?
  double published = 0, band = 0;       ///< relative
  Evidence evidence = Evidence::identity;
  bool is_fitted = false;  ///< the preset was fitted to it (also of a model-to-model row)
  /// The band was chosen with our error in sight: it guards against change and claims nothing.
  bool band_is_fitted = false;
};

/// A published figure that cannot be recomputed, and why.
struct TableOnly {
  std::string id, figure, reason, citation;
};

struct ValidationSheet {
  std::vector<LayerTable> networks;
  std::vector<ValidationRow> rows;
  std::vector<TableOnly> table_only;
};

struct ValidationResult {
  ValidationRow row;
  double computed = 0;
  double low = 0, high = 0;  ///< with all figures of the preset at their cheap and dear ends
  /// Does the interval that the preset states hold the published figure?
  bool is_covered() const {
    constexpr double rounding = 1e-12;  // of exact figures, whose interval is a point
    return low * (1 - rounding) <= row.published && row.published <= high * (1 + rounding);
  }
  double error() const { return computed / row.published - 1; }
  /// Not |error| > band: a NaN must not pass.
  bool passed() const;
};

/// The sheet that is part of the binary: the text of aimc/validation/*.toml.
std::string_view published_sheet();
/// A sheet in the format of docs/validation.md. Error (bad_input) with file and line for anything
/// else.
ValidationSheet read_sheet(core::Config& config);
/// Recompute every row on the presets, or on `chips` where one has the row's name.
std::vector<ValidationResult> validate(ValidationSheet const& sheet,
                                       std::vector<Chip> const& chips = {});

}  // namespace crossjoule::aimc
