// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/detail/h5_library.hpp"
#include "core/digest.hpp"
#include "core/error.hpp"
#include "core/h5file.hpp"

#include <hdf5.h>
#include <map>
#include <utility>

namespace crossjoule::core {
namespace detail {

inline constexpr char digest_attribute[] = "xxh3_128";

/// An HDF5 identifier that closes itself.
class Id {
 public:
  Id() = default;
  explicit Id(hid_t id) : id_(id) {}
  ~Id() { close(); }
  Id(Id&& other) noexcept : id_(std::exchange(other.id_, -1)) {}
  Id& operator=(Id&& other) noexcept {
    std::swap(id_, other.id_);
    return *this;
  }
  operator hid_t() const { return id_; }
  bool valid() const { return id_ >= 0; }
  /// False where HDF5 reports an error: for a file or dataset that was written, data may be lost.
  bool close();

 private:
  hid_t id_ = -1;
};

/// Why the last HDF5 call failed: the operating system's words where it gave any ("No space left on
/// device"), else HDF5's innermost ones.
std::string h5_reason();

template <class T>
hid_t memory_type();
/// The little-endian type on disk for T.
template <class T>
hid_t file_type();

/// Product of the extents; Error (damaged) naming `what` where it overflows or one is negative.
std::int64_t elements_of(std::vector<std::int64_t> const& shape, std::string const& what);
/// Chunk of about 1 MiB of whole leading rows.
std::vector<hsize_t> chunk_of(std::vector<std::int64_t> const& shape, std::size_t element_bytes);
std::vector<std::int64_t> shape_of(hid_t dataset);
/// "/a/b" from "a/b/"; Error (bad_input) for an empty or relative part.
std::string normalised(std::string const& name);
/// A fixed-length UTF-8 type, padded with zero bytes.
Id text_type(std::size_t bytes);
/// Refuse links and storage that lead out of the file, which an HDF5 file from others may hold.
void refuse_outside_links(hid_t file, std::string const& path);
std::string attribute_as_text(hid_t object, std::string const& name);

}  // namespace detail

struct H5File::State {
  enum class Mode { reading, writing, done };

  /// A dataset that write_rows fills.
  struct Rows {
    detail::Id dataset;
    Digester digester;
    std::vector<std::int64_t> shape;
    std::int64_t row_elements = 0, next_row = 0;
  };

  std::filesystem::path path, temporary;
  Overwrite overwrite = Overwrite::no;
  Mode mode = Mode::reading;
  detail::Id file;
  std::map<std::string, Rows> rows;                  ///< being written
  mutable std::map<std::string, detail::Id> opened;  ///< for reading: keeps their chunk caches

  /// Open for reading; what H5File::open does.
  static std::unique_ptr<State> open(std::filesystem::path const& path);

  [[noreturn]] void fail_write(std::string const& what) const;
  [[noreturn]] void fail_read(std::string const& what,
                              std::string const& reason = detail::h5_reason()) const;
  void require_writing(std::string const& name) const;
  void make_groups(std::string const& name);
  detail::Id create_dataset(std::string const& name, hid_t type,
                            std::vector<std::int64_t> const& shape, Label label,
                            std::vector<std::int64_t> const& chunk = {});
  /// Attributes are replaced where they exist.
  void put_attribute(hid_t object, std::string const& name, hid_t type, void const* value);
  void put_text(hid_t object, std::string const& name, std::string_view value);
  void finish_dataset(detail::Id dataset, Digester const& digester, std::string const& name);
  void abandon() noexcept;

  hid_t dataset(std::string const& name) const;
  detail::Id object(std::string const& name) const;
  detail::Id attribute(std::string const& object, std::string const& name) const;
  bool exists(std::string const& name) const;
  /// Elements of a dataset, after checking that `element_bytes` times as many fit into memory.
  std::int64_t checked_elements(hid_t dataset, std::string const& name,
                                std::size_t element_bytes) const;
  void require_number(hid_t dataset, std::string const& name, H5T_class_t wanted) const;
  /// Error (bad_input) where a filter of the dataset cannot be applied here.
  void require_filters(hid_t dataset, std::string const& name) const;
  void read_into(hid_t dataset, std::string const& name, hid_t memory, hid_t memory_space,
                 hid_t file_space, void* to) const;
  /// xxh3-128 of the elements as they are on disk; "" for types whose bytes are not in the file.
  std::string digest_of(hid_t dataset, std::string const& name) const;
};

}  // namespace crossjoule::core
