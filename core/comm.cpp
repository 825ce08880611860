// SPDX-License-Identifier: BSD-3-Clause
#include "core/comm.hpp"

#include "core/detail/comm_handle.hpp"
#include "core/error.hpp"

#include <unistd.h>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

namespace crossjoule::core {
namespace detail {

int ranks_promised_by_launcher() {
  // variables that launchers set in the processes they start; settings of a user's shell, such as
  // OMPI_MCA_* or an allocation's SLURM_JOB_ID, are no sign of a launcher
  constexpr std::array<char const*, 3> counts = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE",
                                                 "SLURM_STEP_NUM_TASKS"};
  constexpr std::array<char const*, 5> signs = {"OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMI_FD",
                                                "PMIX_RANK", "SLURM_PROCID"};
  bool started = false;
  for (char const* sign : signs) started = started || std::getenv(sign);
  if (!started) return 0;
  for (char const* count : counts)
    if (char const* text = std::getenv(count))
      if (int const ranks = std::atoi(text); ranks > 0) return ranks;
  return -1;
}

}  // namespace detail

Comm::Comm(std::shared_ptr<Handle> handle, int rank, int size)
    : handle_(std::move(handle)), rank_(rank), size_(size) {}

Comm Comm::serial() { return Comm(nullptr, 0, 1); }

Comm Comm::node() const { return handle_ ? handle_->node() : *this; }

void Comm::barrier() const {
  if (handle_) handle_->barrier();
}

void Comm::broadcast(std::span<std::byte> bytes, int root) const {
  if (handle_) handle_->broadcast(bytes, root);
}

namespace {

[[noreturn]] void no_such_peer(int peer) {
  fail(ExitCode::internal, "message between rank 0 and rank {} of a job with one rank", peer);
}

}  // namespace

void Comm::send(std::span<std::byte const> bytes, int to, int tag) const {
  if (!handle_) no_such_peer(to);
  handle_->send(bytes, to, tag);
}

void Comm::receive(std::span<std::byte> bytes, int from, int tag) const {
  if (!handle_) no_such_peer(from);
  handle_->receive(bytes, from, tag);
}

void Comm::exchange(std::span<std::byte const> mine, std::span<std::byte> theirs, int peer,
                    int tag) const {
  VALIDATE_AS(ExitCode::internal, mine.size() == theirs.size(), "exchange of {} bytes for {}",
              mine.size(), theirs.size());
  if (!handle_) no_such_peer(peer);
  handle_->exchange(mine, theirs, peer, tag);
}

std::vector<std::vector<std::byte>> Comm::all_gather(std::span<std::byte const> mine) const {
  if (handle_) return handle_->all_gather(mine);
  return {std::vector<std::byte>(mine.begin(), mine.end())};
}

std::int64_t Comm::sum(std::int64_t value) const { return handle_ ? handle_->sum(value) : value; }
double Comm::max(double value) const {
  return handle_ ? handle_->reduce(value, Handle::Reduction::max) : value;
}
double Comm::min(double value) const {
  return handle_ ? handle_->reduce(value, Handle::Reduction::min) : value;
}

void Comm::abort(int exit_code) const {
  std::fflush(nullptr);
  if (handle_) handle_->abort(exit_code);
  _exit(exit_code);
}

}  // namespace crossjoule::core
