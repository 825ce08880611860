// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/comm.hpp"

#include <string>

namespace crossjoule::core {

/// The message layer behind a Comm of more than one rank. Lengths are 64 bit; errors are thrown.
struct Comm::Handle {
  enum class Reduction { sum, max, min };

  virtual ~Handle() = default;
  virtual Comm node() const = 0;
  virtual void barrier() const = 0;
  virtual void broadcast(std::span<std::byte> bytes, int root) const = 0;
  virtual void send(std::span<std::byte const> bytes, int to, int tag) const = 0;
  virtual void receive(std::span<std::byte> bytes, int from, int tag) const = 0;
  virtual void exchange(std::span<std::byte const> mine, std::span<std::byte> theirs, int peer,
                        int tag) const = 0;
  virtual std::vector<std::vector<std::byte>> all_gather(std::span<std::byte const> mine) const = 0;
  virtual std::int64_t sum(std::int64_t value) const = 0;
  virtual double reduce(double value, Reduction how) const = 0;
  [[noreturn]] virtual void abort(int exit_code) const = 0;
};

namespace detail {

/// How many ranks the launcher's variables speak of: 0 without a launcher, -1 where it started us
/// but does not say.
int ranks_promised_by_launcher();

}  // namespace detail
}  // namespace crossjoule::core
