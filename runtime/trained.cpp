// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/trained.hpp"

#include "core/error.hpp"
#include "core/record.hpp"
#include "models/text.hpp"

namespace crossjoule::runtime {

template <class T>
Trained<T> read_trained(core::H5File const& file) {
  auto const identity = core::read_network(file);
  std::string const name = file.path().string();
  VALIDATE(file.exists("/parameters"),
           "{}: no trained network (it has no /parameters) name a record of `crossjoule train`",
           name);
  Trained<T> trained;
  trained.graph = models::from_text(file.read_text("/graph/text"));
  auto const digest = models::digest(trained.graph);
  VALIDATE_AS(ExitCode::damaged, digest == identity.digest,
              "{}: the graph's text has digest {} (the record says {}) the file was changed", name,
              digest, identity.digest);
  trained.parameters = read_parameters<T>(file, "/parameters", ParamLayout(trained.graph));
  return trained;
}

template Trained<float> read_trained<float>(core::H5File const&);
template Trained<double> read_trained<double>(core::H5File const&);

}  // namespace crossjoule::runtime
