// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "aimc/estimate.hpp"

#include <array>
#include <memory>
#include <vector>

namespace crossjoule::aimc {

/// Numbers of one boundary of one batch; a part that is absent is NaN.
struct LineNumbers {
  double latency = 0, seconds_per_sample = 0;
  std::array<double, part_count> parts{};
  double joules() const;  ///< of the parts that are there
};
using BoundaryNumbers = std::array<LineNumbers, 3>;

/// Everything an estimate works out, all figures standing at one pick.
struct Outcome {
  double product = 0, interval_device = 0, interval = 0, fill = 0;
  std::vector<BoundaryNumbers> batches;
  double replicas = 1;
  BoundaryNumbers at_rate{};
  double programming_joules = 0, writing_seconds = 0;
};

/// A network laid on a chip once, to be worked out at many picks: ends of intervals, random draws,
/// one figure varied alone. The same pick gives the same numbers on any rank.
class Case {
 public:
  Case(models::Graph const& graph, Chip const& chip, ReadMode const& mode, Terms const& assumed,
       Workload const& workload);

  Outcome at(Pick const& pick) const;
  /// Names of all figures that an outcome rests on.
  std::vector<std::string> figures() const;
  std::vector<Pipeline> pipelines_at(Pick const& pick, core::Boundary boundary) const;

  models::Graph const& graph() const { return *graph_; }
  Chip const& chip() const { return chip_; }
  ReadMode const& mode() const { return mode_; }
  TileMap const& tiles() const { return tiles_; }
  Terms const& terms() const { return terms_; }
  DigitalWork const& work() const { return work_; }
  /// Samples that the chip's buffers have room for; 0: more than can be on their way.
  std::int64_t samples_held() const { return turns_held_ * tiles_.samples_per_product; }
  Workload const& workload() const { return workload_; }
  /// Of a part: assumed where a term it rests on is.
  core::Kind kind(Part part) const;
  std::string missing(core::Boundary boundary) const;

 private:
  struct Numbers;
  double term(Term which, Pick const& pick) const;
  void require_digital_unit() const;
  void size_buffers();
  void account(LineNumbers& line, core::Boundary boundary, double charged, double copies,
               std::int64_t batch, Numbers const& numbers) const;

  models::Graph const* graph_;
  Chip chip_;
  ReadMode mode_;
  TileMap tiles_;
  Terms terms_;
  DigitalWork work_;
  Workload workload_;
  std::vector<Pipeline> unit_pipelines_;  ///< all times 1: what picks are multiplied into
  std::int64_t turns_held_ = 0;           ///< of packed samples, else of samples
  bool digital_is_covered_ = false, links_are_covered_ = false;
};

/// Static power nobody published: 1 to 30 % of what a tile draws at full load, assumed.
Figure assumed_static_power(Chip const& chip, ReadMode const& mode);

}  // namespace crossjoule::aimc
