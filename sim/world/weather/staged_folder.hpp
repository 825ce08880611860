// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/comm.hpp"
#include "core/h5file.hpp"

#include <filesystem>
#include <functional>
#include <string>

namespace crossjoule::sim::weather {

/// A folder of files that appears whole under its final name, or not at all: the files are written
/// below path(), a temporary name beside the final one, and commit() renames it. A rank that fails
/// removes what is there.
///
/// With Overwrite::yes a folder that exists is replaced, but only where `is_known` recognises every
/// file in it (by its path inside the folder): nothing else of the user's is ever removed. An empty
/// folder counts as absent.
class StagedFolder {
 public:
  using Known = std::function<bool(std::string const&)>;

  /// Collective. Errors: bad_input (exists, is no folder, holds foreign files), damaged (cannot be
  /// made).
  StagedFolder(std::filesystem::path const& final_path, core::Overwrite overwrite,
               Known const& is_known, core::Comm const& comm);
  ~StagedFolder();
  StagedFolder(StagedFolder const&) = delete;

  std::filesystem::path const& path() const { return staged_; }
  /// Collective.
  void commit();

 private:
  void prepare(Known const& is_known);
  void rename_to_final() const;
  std::filesystem::path final_, staged_;
  core::Overwrite overwrite_;
  core::Comm comm_;
  bool committed_ = false;
};

}  // namespace crossjoule::sim::weather
