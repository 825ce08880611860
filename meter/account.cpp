// SPDX-License-Identifier: BSD-3-Clause
#include "meter/account.hpp"

#include "meter/detail/archive.hpp"

namespace crossjoule::meter {

// Each list of fields serves Packer and Unpacker, found by argument-dependent lookup.
template <class Archive>
void fields(Archive& archive, ProbeRow& row) {
  archive(row.backend), archive(row.id), archive(row.path), archive(row.status),
      archive(row.error_number);
  archive(row.role), archive(row.advice), archive(row.unit), archive(row.wrap_joule);
  archive(row.update_second), archive(row.accuracy);
}

template <class Archive>
void fields(Archive& archive, SensorInfo& info) {
  archive(info.id), archive(info.backend), archive(info.path), archive(info.name),
      archive(info.device);
  archive(info.contained_in), archive(info.source), archive(info.quantum_joule),
      archive(info.modulus);
  archive(info.update_second), archive(info.gain), archive(info.max_watt), archive(info.unit);
  archive(info.duty), archive(info.preference), archive(info.is_sampled), archive(info.yields);
}

template <class Archive>
void fields(Archive& archive, Device& device) {
  archive(device.info), archive(device.kind), archive(device.use);
}

template <class Archive>
void fields(Archive& archive, RegionSum& region) {
  archive(region.name), archive(region.phase), archive(region.count), archive(region.seconds);
  archive(region.joules);
}

template <class Archive>
void fields(Archive& archive, Ledger& ledger) {
  archive(ledger.devices), archive(ledger.total), archive(ledger.flows), archive(ledger.seconds);
  for (auto& phase : ledger.joules) archive(phase);
  archive(ledger.regions), archive(ledger.largest_term), archive(ledger.events);
  archive(ledger.standing);
}

template <class Archive>
void fields(Archive& archive, Series& series) {
  archive(series.time_ns), archive(series.counter), archive(series.power_watt),
      archive(series.stride);
  archive(series.seen);
}

template <class Archive>
void fields(Archive& archive, NodeAccount& account) {
  archive(account.host), archive(account.headline), archive(account.is_reader),
      archive(account.probe);
  archive(account.ledger), archive(account.series), archive(account.idle_baseline),
      archive(account.model_facts);
  archive(account.sampler_cpu_second), archive(account.idle_drift);
  archive(account.utc_minus_steady_ns), archive(account.spans);
}

std::vector<std::byte> pack(NodeAccount const& account) {
  detail::Packer packer;
  packer(account);
  return packer.take();
}

NodeAccount unpack(std::span<std::byte const> bytes) {
  NodeAccount account;
  detail::Unpacker unpacker(bytes);
  unpacker(account);
  return account;
}

}  // namespace crossjoule::meter
