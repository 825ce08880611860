// SPDX-License-Identifier: BSD-3-Clause
#include "core/error.hpp"
#include "runtime/params.hpp"

#include <algorithm>

namespace crossjoule::runtime {
namespace {

constexpr std::int64_t boundary = 16;  // numbers: 64 bytes of fp32

}  // namespace

ParamLayout::ParamLayout(models::Graph const& graph) {
  for (models::Parameter& parameter : models::parameters(graph)) {
    std::int64_t const size = parameter.size();
    tensors.push_back({std::move(parameter), words});
    words += (size + boundary - 1) / boundary * boundary;
  }
}

ParamLayout::Tensor const& ParamLayout::find(std::string const& name) const {
  auto const found = std::find_if(tensors.begin(), tensors.end(), [&](Tensor const& tensor) {
    return tensor.parameter.name == name;
  });
  VALIDATE(found != tensors.end(),
           "parameter \"{}\" (the network has none of that name) compare the two networks", name);
  return *found;
}

}  // namespace crossjoule::runtime
