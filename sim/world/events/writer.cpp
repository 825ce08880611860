// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/events/writer.hpp"

#include "core/error.hpp"
#include "sim/world/events/generator.hpp"

#include <optional>

namespace crossjoule::sim::events {
namespace {

/// Events per message and write: 2.5 MB in float32, which stays in cache and hides the latency.
constexpr std::int64_t block_events = 8192;
constexpr int particles_tag = 1, process_tag = 2;

template <class T>
struct Block {
  std::vector<T> particles;
  std::vector<std::uint8_t> process;
  std::int64_t events = 0;

  void resize(std::int64_t count) {
    events = count;
    particles.resize(static_cast<std::size_t>(count * Event::objects * Event::numbers));
    process.resize(static_cast<std::size_t>(count));
  }
};

template <class T>
void fill(Generator& generator, std::int64_t first, Block<T>& block) {
  Event event;
  for (std::int64_t i = 0; i < block.events; ++i) {
    generator.make(first + i, event);
    auto const place = static_cast<std::size_t>(i);
    block.process[place] = event.process;
    T* const row = block.particles.data() + place * event.values.size();
    for (std::size_t k = 0; k < event.values.size(); ++k) row[k] = static_cast<T>(event.values[k]);
  }
}

template <class T>
core::H5File start(FileRequest const& request, core::Overwrite overwrite) {
  auto file = core::H5File::create(request.path, overwrite);
  file.create_rows<T>(
      "Particles", {request.events, Event::objects, Event::numbers},
      {"GeV, 1, rad, 1", "pT, eta, phi, class of MET, 4 electrons, 4 muons, 10 jets"});
  file.create_rows<std::uint8_t>(
      "process_id", {request.events},
      {"1", "0 w, 1 multijet, 2 z, 3 ttbar, 4 a4l, 5 htautau, 6 hplus, 7 leptoquark"});
  file.write_strings("Particles_Names", {"Pt", "Eta", "Phi", "Class"}, "last axis of Particles");
  file.write_strings("Particles_Classes",
                     {"MET_class_1", "Four_Ele_class_2", "Four_Mu_class_3", "Ten_Jet_class_4"},
                     "middle axis of Particles and the class numbers");
  file.attribute("/", "process", request.mixture.name);
  file.attribute("/", "seed", static_cast<std::int64_t>(request.seed));
  file.attribute("/", "first_event", request.first_event);
  file.attribute("/", "generator", "crossjoule parton-level toy, version 1");
  return file;
}

template <class T>
FileReport write(FileRequest const& request, core::Overwrite overwrite, core::Comm const& comm,
                 std::function<void(std::int64_t)> const& advance) {
  std::optional<core::H5File> file;
  if (comm.is_root()) file = start<T>(request, overwrite);
  Generator generator(request.mixture, request.seed);
  Block<T> block;
  std::int64_t const blocks = (request.events + block_events - 1) / block_events;
  for (std::int64_t round = 0; round < blocks; round += comm.size()) {
    auto const events_of = [&](int rank) {
      std::int64_t const first = (round + rank) * block_events;
      return std::clamp<std::int64_t>(request.events - first, 0, block_events);
    };
    block.resize(events_of(comm.rank()));
    fill(generator, request.first_event + (round + comm.rank()) * block_events, block);
    if (!comm.is_root()) {
      if (block.events == 0) continue;
      comm.send(std::as_bytes(std::span(block.particles)), 0, particles_tag);
      comm.send(std::as_bytes(std::span(block.process)), 0, process_tag);
      continue;
    }
    for (int rank = 0; rank < comm.size() && events_of(rank) > 0; ++rank) {
      if (rank > 0) {
        block.resize(events_of(rank));
        comm.receive(std::as_writable_bytes(std::span(block.particles)), rank, particles_tag);
        comm.receive(std::as_writable_bytes(std::span(block.process)), rank, process_tag);
      }
      file->write_rows<T>("Particles", block.particles);
      file->write_rows<std::uint8_t>("process_id", block.process);
      if (advance) advance(block.events);
    }
  }
  FileReport report;
  report.collisions = comm.sum(generator.collisions());
  if (!comm.is_root()) return report;
  file->commit();
  report.bytes = static_cast<std::int64_t>(std::filesystem::file_size(request.path));
  return report;
}

}  // namespace

FileReport write_events(FileRequest const& request, core::Overwrite overwrite,
                        core::Comm const& comm, std::function<void(std::int64_t)> const& advance) {
  VALIDATE(request.events > 0,
           "{}: {} events asked for (an events file holds at least one) raise `events`",
           request.path.string(), request.events);
  if (request.precision == FileRequest::Precision::float32)
    return write<float>(request, overwrite, comm, advance);
  return write<double>(request, overwrite, comm, advance);
}

}  // namespace crossjoule::sim::events
