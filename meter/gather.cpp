// SPDX-License-Identifier: BSD-3-Clause
// Apart from account.cpp, so that the connector for other programs links nothing of MPI.
#include "meter/account.hpp"

namespace crossjoule::meter {

std::vector<NodeAccount> gather(core::Comm const& comm, Meter const& meter) {
  std::vector<NodeAccount> readers;
  auto const mine = pack(meter.account());
  for (auto const& bytes : comm.all_gather(std::span(mine)))
    if (auto account = unpack(bytes); account.is_reader) readers.push_back(std::move(account));
  return readers;
}

}  // namespace crossjoule::meter
