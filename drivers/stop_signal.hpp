// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <csignal>

namespace crossjoule::drivers {

/// While it lives, the first SIGTERM or SIGUSR1 (Slurm's warning) only sets a flag, so that a run
/// can write a checkpoint; the second one ends the process as usual. One at a time.
class StopSignal {
 public:
  StopSignal() {
    flag() = 0;
    before_term_ = std::signal(SIGTERM, handle);
    before_user_ = std::signal(SIGUSR1, handle);
  }
  ~StopSignal() {
    std::signal(SIGTERM, before_term_);
    std::signal(SIGUSR1, before_user_);
  }
  StopSignal(StopSignal const&) = delete;
  StopSignal& operator=(StopSignal const&) = delete;
  bool requested() const { return flag() != 0; }

 private:
  using Handler = void (*)(int);
  static std::sig_atomic_t volatile& flag() {
    static std::sig_atomic_t volatile value = 0;
    return value;
  }
  static void handle(int signal) {
    flag() = 1;
    std::signal(signal, SIG_DFL);
  }
  Handler before_term_, before_user_;
};

}  // namespace crossjoule::drivers
