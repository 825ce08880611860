// SPDX-License-Identifier: BSD-3-Clause
#include "meter/backends.hpp"
#include "meter/detail/meter_state.hpp"
#include "meter/nvml.hpp"
#include "meter/shared_page.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace crossjoule::meter {
namespace {

/// How long ranks wait for the reader to say whether it misses boards, and it for their answer: the
/// vendors' libraries take a second to start.
constexpr double question_patience_second = 3;

constexpr char const* not_the_reader =
    "not the reader of this node (another process of the job is)";

}  // namespace

void Meter::State::find_spares() {
  spare_of.assign(node.channels.size(), -1);
  for (std::size_t k = 0; k < node.channels.size(); ++k)
    for (std::size_t s = node.channels.size(); s-- > 0;)  // the first one found wins
      if (node.channels[s]->device().info.id.starts_with(node.channels[k]->device().info.id +
                                                         "-by-"))
        spare_of[k] = static_cast<int>(s);
}

std::string Meter::State::library() const {
  return options.nvml_library.value_or(tree->is_real() ? "libnvidia-ml.so.1" : "");
}

/// A rank that does not read: where the reader misses accelerators, tell of those seen here.
void Meter::State::tell_of_boards(MeterParts const& parts) {
  if (count_accelerators(*tree) == 0) return;
  relay = std::make_unique<BoardRelay>(lock->path().string() + page_suffix::boards);
  if (!relay->is_asked(question_patience_second)) return;
  auto found = find_nvml(library());
  bool const with_amd = tree->is_real() && !library().empty();
  auto const more =
      find_amd_smi(with_amd ? std::vector<std::string>{"libamd_smi.so", "librocm_smi64.so"}
                            : std::vector<std::string>{});
  found.sensors.insert(found.sensors.end(), more.sensors.begin(), more.sensors.end());
  found.sensors.insert(found.sensors.end(), parts.sensors.begin(), parts.sensors.end());
  std::erase_if(found.sensors, [](auto const& sensor) {
    auto const& info = sensor->info();
    return info.device != DeviceClass::gpu || info.id.ends_with("-power");
  });
  relay->offer(found.sensors);
  relay->tell(*clock);
}

/// The reader: asks the other ranks where accelerators are on the bus that it does not see.
void Meter::State::look_for_boards(MeterParts const& parts) {
  if (count_accelerators(*tree) == 0) return;
  relay = std::make_unique<BoardRelay>(lock->path().string() + page_suffix::boards);
  relay->remove_with_me();
  std::vector<std::string> own;
  for (auto const& sensor : probe.sensors)
    if (sensor->info().device == DeviceClass::gpu) own.push_back(sensor->info().id);
  bool const misses = probe.unseen_accelerators > 0;
  relay->ask(misses ? BoardRelay::Hidden::some : BoardRelay::Hidden::none, own);
  if (!misses || parts.drive == MeterParts::Drive::by_hand) return;
  auto const deadline =
      std::chrono::steady_clock::now() + std::chrono::duration<double>(question_patience_second);
  while (relay->answers() < local_size() - 1 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

/// Boards that other ranks tell of become devices of this node from now on.
void Meter::State::adopt_boards() {
  if (!relay || !is_reader()) return;
  for (auto const& board : relay->take_new()) {
    adopt(node, probe, board, options);
    auto& channel = *node.channels.back();
    channel.read(*clock);
    start.push_back(channel.mark()), latest.push_back(channel.mark());
    for (auto& phase : windows) phase.emplace_back();
    find_spares();
  }
}

void Meter::State::start_up(MeterOptions const& options_given, MeterParts const& parts) {
  options = options_given;
  start_ns = latest_ns = clock->now_ns();
  book = std::make_unique<RegionBook>(start_ns);
  board = std::make_unique<PhaseBoard>(lock->path().string() + page_suffix::phases, start_ns);
  region_windows.resize(1);
  if (!is_reader()) {
    node.headline = not_the_reader;
    node.missing_system = node.missing_chip = not_the_reader;
    tell_of_boards(parts);
    return;
  }
  board->remove_with_me();
  remove_leftovers(lock->path().parent_path(), lock->path());
  probe = probe_node(*tree, *clock, library(), options.memory_gb, parts.sensors, options.traces);
  node = compose(probe, *tree, options);
  look_for_boards(parts);
  find_spares();
  read_all(true);
  for (auto const& channel : node.channels) start.push_back(channel->mark());
  latest = start;
  for (auto& phase : windows) phase.resize(start.size());
  adopt_boards();
  start_ns = latest_ns = clock->now_ns();
  book = std::make_unique<RegionBook>(start_ns);
  board->take(start_ns);
}

}  // namespace crossjoule::meter
