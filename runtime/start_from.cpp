// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/start_from.hpp"

#include "core/error.hpp"
#include "models/text.hpp"
#include "models/unroll.hpp"
#include "runtime/trained.hpp"

namespace crossjoule::runtime {

template <class T>
std::vector<T> start_parameters(std::filesystem::path const& record, models::Graph const& graph) {
  auto const file = core::H5File::open(record);
  auto trained = read_trained<T>(file);
  auto const theirs = models::digest(models::without_objective(trained.graph));
  auto const ours = models::digest(models::without_objective(graph));
  VALIDATE(
      theirs == ours,
      "{}: weights of another network ({}, digest {}; this one is {}, {}) name a record of the "
      "same network, or remove training.start_from",
      record.string(), trained.graph.name, theirs, graph.name, ours);
  return std::move(trained.parameters);
}

template std::vector<float> start_parameters<float>(std::filesystem::path const&,
                                                    models::Graph const&);
template std::vector<double> start_parameters<double>(std::filesystem::path const&,
                                                      models::Graph const&);

}  // namespace crossjoule::runtime
