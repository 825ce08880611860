// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "runtime/trainer.hpp"

#include <filesystem>
#include <string>

namespace crossjoule::runtime {

/// What a checkpoint must agree with before it is continued.
struct RunIdentity {
  std::string graph_digest;
  std::string settings;  ///< everything that decides the bits of the run, as text
};

/// Files `ckpt-<step>.h5` in one folder, each committed whole (core::H5File); the two newest stay.
template <class T>
class Checkpoints {
 public:
  static constexpr std::int64_t schema = 1;

  Checkpoints(std::filesystem::path folder, RunIdentity identity, ParamLayout const& layout)
      : folder_(std::move(folder)), identity_(std::move(identity)), layout_(layout) {}

  /// Rank 0 alone. Error (damaged) leaves the earlier checkpoints as they are.
  void save(TrainState<T> const& state) const;
  /// The newest checkpoint whose digests hold; what was skipped is warned about. Error (bad_input)
  /// where there is none, where it belongs to another network or other settings, or where its
  /// schema is newer than this program: never a silent start at step 0.
  TrainState<T> load_newest() const;
  /// Rank 0 alone, before a run that does not resume: Error (bad_input) where the folder holds
  /// checkpoints of an earlier run; with Overwrite::yes they are deleted.
  void start_anew(core::Overwrite overwrite) const;

 private:
  std::vector<std::filesystem::path> newest_first() const;
  TrainState<T> load(std::filesystem::path const& path) const;
  std::filesystem::path folder_;
  RunIdentity identity_;
  ParamLayout layout_;
};

extern template class Checkpoints<float>;
extern template class Checkpoints<double>;

/// Every rank's copy of the state rank 0 holds.
template <class T>
void broadcast(core::Comm const& comm, TrainState<T>& state);

}  // namespace crossjoule::runtime
