// SPDX-License-Identifier: BSD-3-Clause
#include "meter/energy.hpp"

#include "meter/detail/archive.hpp"

#include <algorithm>

namespace crossjoule::meter {

template <class Archive>
void fields(Archive& archive, Energy& energy) {
  archive(energy.chip), archive(energy.system), archive(energy.idle_chip),
      archive(energy.idle_system);
  archive(energy.duration), archive(energy.coverage), archive(energy.is_reader);
  archive(energy.missing_terms), archive(energy.assumed_terms);
  archive(energy.missing_chip_terms), archive(energy.assumed_chip_terms);
  archive(energy.largest_error_term), archive(energy.source), archive(energy.edges);
}

namespace {

/// Adds the terms of `more` that are not in `terms` yet.
void merge(std::string& terms, std::string const& more) {
  if (more.empty() || ("; " + terms + ";").find("; " + more + ";") != std::string::npos) return;
  terms += (terms.empty() ? "" : "; ") + more;
}

void add_node(Energy& sum, Energy const& node) {
  sum.chip = sum.chip + node.chip, sum.system = sum.system + node.system;
  sum.idle_chip = sum.idle_chip + node.idle_chip,
  sum.idle_system = sum.idle_system + node.idle_system;
  sum.coverage = std::min(sum.coverage, node.coverage);
  merge(sum.missing_terms, node.missing_terms), merge(sum.assumed_terms, node.assumed_terms);
  merge(sum.missing_chip_terms, node.missing_chip_terms),
      merge(sum.assumed_chip_terms, node.assumed_chip_terms);
  merge(sum.source, node.source);
  if (node.edges == Edges::limited) sum.edges = Edges::limited;
}

}  // namespace

Energy sum_over_nodes(core::Comm const& comm, Energy const& mine) {
  if (comm.size() == 1) return mine;
  detail::Packer packer;
  packer(mine);
  auto const packed = packer.take();
  Energy sum = mine;
  core::Seconds longest = mine.duration;
  bool any = false;
  for (auto const& bytes : comm.all_gather(std::span(packed))) {
    Energy node;
    detail::Unpacker unpacker(bytes);
    unpacker(node);
    longest = std::max(longest, node.duration);
    if (!node.is_reader) continue;
    if (any)
      add_node(sum, node);
    else
      sum = node;
    any = true;
  }
  sum.duration = longest;
  return sum;
}

}  // namespace crossjoule::meter
