// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/reference_reader.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <cmath>

namespace crossjoule::runtime {

std::string describe(Extents const& shape) {
  std::string text;
  for (std::int64_t extent : shape) text += (text.empty() ? "" : " x ") + std::to_string(extent);
  return "(" + text + ")";
}

ReferenceReader::ReferenceReader(std::filesystem::path const& path)
    : file_(core::H5File::open(path)), path_(path) {}

std::string ReferenceReader::text(std::string const& attribute) const {
  VALIDATE(has(attribute), "{}: attribute '{}' is missing (it describes the network) write it",
           name(), attribute);
  return file_.read_attribute_text("/", attribute);
}

double ReferenceReader::number(std::string const& attribute, std::string const& object) const {
  VALIDATE(file_.has_attribute(object, attribute),
           "{}: attribute '{}' is missing{} (it describes the network) write it", name(), attribute,
           object == "/" ? "" : " on '" + object + "'");
  double const value = file_.read_attribute_number(object, attribute);
  VALIDATE(std::isfinite(value), "{}: attribute '{}' = {} (must be finite) correct it", name(),
           attribute, value);
  return value;
}

std::int64_t ReferenceReader::whole(std::string const& attribute, std::int64_t least) const {
  double const value = number(attribute);
  VALIDATE(value == std::floor(value) && value >= static_cast<double>(least) && value < 1e15,
           "{}: attribute '{}' = {} (must be a whole number of at least {}) correct it", name(),
           attribute, value, least);
  return static_cast<std::int64_t>(value);
}

Extents ReferenceReader::shape(std::string const& dataset) const {
  VALIDATE(has_dataset(dataset),
           "{}: dataset '{}' is missing (docs/reference_files.md lists what a file holds) write it",
           name(), dataset);
  return file_.shape(dataset);
}

std::vector<double> ReferenceReader::read(std::string const& dataset, Extents const& wanted) {
  Extents found = shape(dataset);
  if (found.empty()) found = {1};
  VALIDATE(found == wanted,
           "{}: dataset '{}' has shape {} (must be {} to fit the others) correct it", name(),
           dataset, describe(found), describe(wanted));
  VALIDATE(file_.is_floating(dataset),
           "{}: dataset '{}' holds integers (must be floating point) convert it", name(), dataset);
  std::vector<double> values = file_.read<double>(dataset);
  auto const bad =
      std::find_if_not(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
  VALIDATE(bad == values.end(),
           "{}: dataset '{}' has the value {} at number {} (must be finite) correct it", name(),
           dataset, *bad, bad - values.begin());
  known_.insert(dataset);
  return values;
}

std::vector<std::string> ReferenceReader::in_order(std::string const& group) const {
  VALIDATE(file_.exists(group) && file_.is_group(group),
           "{}: group '{}' is missing (docs/reference_files.md lists what a file holds) write it",
           name(), group);
  std::vector<std::pair<std::int64_t, std::string>> indexed;
  for (std::string const& child : file_.children(group)) {
    std::string const dataset = group + "/" + child;
    VALIDATE(!file_.is_group(dataset) && file_.has_attribute(dataset, "index"),
             "{}: '{}' has no attribute 'index' (it gives the flat order) write one on every "
             "dataset of '{}'",
             name(), dataset, group);
    indexed.emplace_back(file_.read_attribute_integer(dataset, "index"), dataset);
  }
  std::sort(indexed.begin(), indexed.end());
  std::vector<std::string> names;
  for (auto const& [index, dataset] : indexed) {
    VALIDATE(index == static_cast<std::int64_t>(names.size()),
             "{}: '{}' has index {} (the indices of a group count 0, 1, 2 ...) correct it", name(),
             dataset, index);
    names.push_back(dataset);
  }
  return names;
}

std::vector<double> ReferenceReader::read_packed(std::vector<std::string> const& datasets,
                                                 ParamLayout const& layout) {
  std::vector<double> packed(static_cast<std::size_t>(layout.words), 0.0);
  for (std::size_t n = 0; n < datasets.size(); ++n) {
    auto const values = read(datasets[n], layout.tensors[n].parameter.shape);
    std::copy(values.begin(), values.end(), packed.begin() + layout.tensors[n].offset);
  }
  return packed;
}

void ReferenceReader::refuse_unknown() const { refuse_unknown_below(""); }

void ReferenceReader::refuse_unknown_below(std::string const& group) const {
  for (std::string const& child : file_.children(group.empty() ? "/" : group)) {
    std::string const object = group.empty() ? child : group + "/" + child;
    if (file_.is_group(object)) {
      refuse_unknown_below(object);
      continue;
    }
    VALIDATE(known_.count(object) == 1,
             "{}: dataset '{}' is not known (this kind of network has no such value) remove it",
             name(), object);
  }
}

}  // namespace crossjoule::runtime
