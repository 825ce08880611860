// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/reference_file.hpp"

#include "core/error.hpp"
#include "runtime/reference_reader.hpp"

#include <algorithm>
#include <cmath>

namespace crossjoule::runtime {

std::vector<std::string> reference_kinds() { return {"afno", "autoencoder", "svdd"}; }

double ReferenceFile::score(double objective) const {
  return kind == "svdd" ? std::sqrt(objective) / r_max : objective;
}

ReferenceFile read_reference_file(std::filesystem::path const& path) {
  ReferenceReader reader(path);
  ReferenceFile result;
  result.kind = reader.text("kind");
  auto const kinds = reference_kinds();
  VALIDATE(std::find(kinds.begin(), kinds.end(), result.kind) != kinds.end(),
           "{}: kind '{}' is not known ({}) verify a file of one of these", reader.name(),
           result.kind, fmt::join(kinds, ", "));
  if (result.kind == "afno")
    read_afno_reference(reader, result);
  else
    read_dense_reference(reader, result);
  if (reader.has("batch"))
    VALIDATE(reader.number("batch") == static_cast<double>(result.batch),
             "{}: attribute 'batch' = {} (but 'input' has {} rows) correct one", reader.name(),
             reader.number("batch"), result.batch);
  reader.refuse_unknown();
  return result;
}

}  // namespace crossjoule::runtime
