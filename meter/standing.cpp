// SPDX-License-Identifier: BSD-3-Clause
#include "meter/standing.hpp"

#include "meter/tree.hpp"
#include "meter/values.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace crossjoule::meter {
namespace {

/// Processes of the launch on this node, 1 where no launcher tells.
bool is_alone(Environment const& variable) {
  for (char const* name : {"OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS", "PMI_LOCAL_SIZE"})
    if (auto const text = variable(name))
      if (auto const count = parse_unsigned(*text)) return *count <= 1;
  return true;
}

/// "0,2-3", "GPU-5a…,GPU-77…", "" or "none" as an allocation; nothing for "all" and what is no
/// list.
std::optional<Allocation> parse_list(std::string const& text) {
  std::string const word = lower(trim(text));
  if (word == "all" || word == "void") return {};
  Allocation allocation{true, {}, {}};
  if (word.empty() || word == "none" || word == "-1" || word == "nodevfiles") return allocation;
  if (auto indices = parse_cpu_list(word); !indices.empty()) {
    allocation.indices = std::move(indices);
    return allocation;
  }
  CsvReader words(text);
  allocation.names = words.next().value_or(std::vector<std::string>{});
  bool const are_names =
      std::all_of(allocation.names.begin(), allocation.names.end(), [](auto const& name) {
        std::string const low = lower(name);
        return low.starts_with("gpu-") || low.starts_with("mig-");
      });
  return are_names && !allocation.names.empty() ? std::optional(allocation) : std::nullopt;
}

}  // namespace

std::string_view to_string(Standing standing) {
  constexpr std::array<std::string_view, 6> names = {
      "none", "used", "idle-allocated", "idle-unallocated", "others", "allocated, use unknown"};
  return names[static_cast<std::size_t>(standing)];
}

Standing standing_of(BoardFacts const& facts) {
  bool const is_ours = facts.is_allocated.value_or(true);
  if (!facts.is_busy) return is_ours ? Standing::unknown : Standing::idle_unallocated;
  if (is_ours) return *facts.is_busy ? Standing::used : Standing::idle_allocated;
  return *facts.is_busy ? Standing::others : Standing::idle_unallocated;
}

std::optional<bool> Allocation::holds(std::string_view id, int index, int boards) const {
  if (!is_known) return {};
  std::string const uuid = lower(id.substr(std::min<std::size_t>(4, id.size())));  // behind "gpu-"
  bool const is_named = std::any_of(
      names.begin(), names.end(), [&](auto const& name) { return uuid.starts_with(lower(name)); });
  bool const are_all = static_cast<int>(indices.size()) == boards && boards > 0;
  return is_named || are_all || std::count(indices.begin(), indices.end(), index) > 0;
}

Environment process_environment() {
  return [](char const* name) {
    char const* value = std::getenv(name);
    return value ? std::optional<std::string>(value) : std::nullopt;
  };
}

Allocation find_allocation(Environment const& variable) {
  std::vector<char const*> names = {"SLURM_STEP_GPUS", "SLURM_JOB_GPUS"};
  if (is_alone(variable))
    names.insert(names.end(),
                 {"CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"});
  for (char const* name : names)
    if (auto const text = variable(name))
      if (auto const allocation = parse_list(*text)) return *allocation;
  return {};
}

}  // namespace crossjoule::meter
