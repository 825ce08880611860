// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/buffer.hpp"
#include "kernels/cpu/pointwise.hpp"
#include "runtime/plan/arena.hpp"
#include "runtime/plan/parameters.hpp"
#include "runtime/plan/program.hpp"

#include <span>

namespace crossjoule::runtime {

/// How many samples make a tile, and where their values lie meanwhile.
struct TileSizes {
  std::int64_t samples = 0;
  std::vector<std::int64_t> strides;  ///< of each value's rows
  Arena arena;

  TileSizes(Program const& program, std::int64_t bytes_of_number,
            std::vector<std::int64_t> all_strides);
};
template <class T>
TileSizes tile_sizes(Program const& program);

/// Inference on CPUs of networks whose rows never meet: a tile of samples goes through the whole
/// network before the next one comes, so that activations stay in the second cache. Threads take
/// tiles; the bits of a sample depend on the sample alone, not on its tile, the batch or the
/// threads.
template <class T>
class TileRunner {
 public:
  TileRunner(Program const& program, Parameters<kernels::HostSpace, T> const& parameters);

  /// See Plan::infer. A batch of one tile runs on the calling thread without any launch.
  void infer(std::span<T const> input, std::int64_t batch, std::span<T> output,
             std::span<T> objective) const;
  std::int64_t tile() const { return sizes_.samples; }
  std::int64_t workspace_bytes() const {
    return static_cast<std::int64_t>(memory_.size() * sizeof(T));
  }

 private:
  struct Tile;
  void run(Tile const& tile) const;
  void run_step(std::size_t number, Tile const& tile) const;
  kernels::cpu::Matrix<T> place(models::NodeId id, Tile const& tile) const;

  /// Where the parameters of a step lie, as the kernels take them.
  struct StepParameters {
    T const* packed = nullptr;
    T const *gain = nullptr, *bias = nullptr;
  };

  Program const& program_;
  kernels::HostSpace space_;
  int workers_;
  TileSizes sizes_;
  std::vector<StepParameters> parameters_;         ///< by step
  kernels::Buffer<kernels::HostSpace, T> memory_;  ///< one arena for each worker
};

}  // namespace crossjoule::runtime
