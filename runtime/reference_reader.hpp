// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/error.hpp"
#include "core/h5file.hpp"
#include "runtime/params.hpp"
#include "runtime/reference_file.hpp"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace crossjoule::runtime {

using Extents = std::vector<std::int64_t>;
/// "(2 x 3)".
std::string describe(Extents const& shape);

/// An open reference file; every message names it, and every dataset that is read is ticked off.
class ReferenceReader {
 public:
  explicit ReferenceReader(std::filesystem::path const& path);

  std::string name() const { return path_.string(); }
  bool has(std::string const& attribute) const { return file_.has_attribute("/", attribute); }
  std::string text(std::string const& attribute) const;
  /// An attribute of the file, or of a dataset; finite.
  double number(std::string const& attribute, std::string const& object = "/") const;
  /// The same, a whole number >= `least`.
  std::int64_t whole(std::string const& attribute, std::int64_t least) const;
  bool has_dataset(std::string const& dataset) const {
    return file_.exists(dataset) && !file_.is_group(dataset);
  }
  bool has_group(std::string const& group) const {
    return file_.exists(group) && file_.is_group(group);
  }
  Extents shape(std::string const& dataset) const;
  /// All numbers of a dataset, which must have this shape (a scalar may be (1) or have no axes).
  std::vector<double> read(std::string const& dataset, Extents const& wanted);
  /// Datasets below a group in flat order: by attribute `index`, which every one carries.
  std::vector<std::string> in_order(std::string const& group) const;
  /// Parameters in ParamLayout order and padding, from the datasets named.
  std::vector<double> read_packed(std::vector<std::string> const& datasets,
                                  ParamLayout const& layout);
  /// Error for a dataset that nobody read: a check that silently skips numbers is none.
  void refuse_unknown() const;
  /// Run something whose errors do not know the file's name.
  template <class Action>
  auto naming_file(Action&& action) const {
    try {
      return action();
    } catch (core::Error const& error) {
      throw core::Error(error.code(), name() + ": " + error.what());
    }
  }

 private:
  void refuse_unknown_below(std::string const& group) const;
  core::H5File file_;
  std::filesystem::path path_;
  std::set<std::string> known_;
};

/// The two families of kinds; each fills all of a ReferenceFile but its kind.
void read_dense_reference(ReferenceReader& reader, ReferenceFile& into);
void read_afno_reference(ReferenceReader& reader, ReferenceFile& into);

}  // namespace crossjoule::runtime
