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
    before(SIGTERM) = std::signal(SIGTERM, handle);
    before(SIGUSR1) = std::signal(SIGUSR1, handle);
  }
  ~StopSignal() {
    std::signal(SIGTERM, before(SIGTERM));
    std::signal(SIGUSR1, before(SIGUSR1));
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
    std::signal(signal, before(signal));  // which removes temporary files
  }
  static Handler& before(int signal) {
    static Handler term = SIG_DFL, user = SIG_DFL;
    return signal == SIGTERM ? term : user;
  }
};

}  // namespace crossjoule::drivers
