// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/network_groups.hpp"

#include "core/error.hpp"
#include "models/cost.hpp"
#include "models/text.hpp"

namespace crossjoule::drivers {
namespace {

void write_work(core::H5File& file, std::string const& group, models::Work const& work) {
  file.attribute(group, "product_macs", work.product_macs);
  file.attribute(group, "pointwise_flops", work.pointwise_flops);
  file.attribute(group, "flops", work.flops());
  file.attribute(group, "bytes_in", work.bytes_in);
  file.attribute(group, "bytes_out", work.bytes_out);
}

}  // namespace

void write_network(core::Record& record, models::Graph const& graph) {
  record.network(models::identity(graph), models::to_text(graph));
  auto const cost = models::cost(graph);
  auto& file = record.file();
  file.attribute("/cost", "parameters", cost.parameters);
  file.attribute("/cost", "stationary_weights", cost.stationary_weights);
  write_work(file, "/cost/forward", cost.forward);
  write_work(file, "/cost/backward", cost.backward);
}

std::string graph_contradiction(core::H5File const& file) try {
  auto const told = core::read_network(file).digest;
  if (!file.exists("/graph/text")) return "/graph/text, the network, is missing";
  auto const found = models::digest(models::from_text(file.read_text("/graph/text")));
  if (found == told) return "";
  return fmt::format("/graph has digest {}, the network in /graph/text {}", told, found);
} catch (core::Error const& error) {
  return error.what();
}

}  // namespace crossjoule::drivers
