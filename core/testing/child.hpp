// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/error.hpp"

#include <sys/wait.h>
#include <unistd.h>
#include <cstdio>
#include <cstdlib>
#include <functional>

namespace crossjoule::core::testing {

/// Runs `call` in a child process and returns how that ended: 0, the code of an Error, 99 for any
/// other exception, or -N for signal N. `leave` says how the child goes: exit() runs exit-time
/// cleanup as the real program does.
enum class Leave { by_exit, at_once };
inline int status_of_child(std::function<void()> const& call, Leave leave = Leave::at_once) {
  std::fflush(nullptr);
  pid_t const child = fork();
  if (child == 0) {
    int status = 99;
    try {
      call();
      status = 0;
    } catch (Error const& error) {
      status = static_cast<int>(error.code());
    } catch (...) {}
    if (leave == Leave::by_exit) std::exit(status);
    _exit(status);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace crossjoule::core::testing
