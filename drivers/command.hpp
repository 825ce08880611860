// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/types.h>
#include <csignal>
#include <functional>
#include <string>
#include <vector>

namespace crossjoule::drivers {

/// How a command ended.
struct Ended {
  int status = 0;  ///< what to pass on: its exit code, or 128 + the signal that ended it
  double user_second = 0, system_second = 0;  ///< of it and all descendants that ended
  int left_running = 0;                       ///< descendants in a session of their own
};

/// A child process that is followed with all its descendants, as `time` and `nohup` would leave it:
/// same terminal, same process group, same ignored signals. Signals that somebody sends to us are
/// sent on; those of the terminal reach the child by themselves.
class Command {
 public:
  enum class Output { ours, to_stderr };  ///< of its standard output

  /// Blocks the signals it will forward; make it before any thread so that all of them inherit
  /// that.
  explicit Command(std::vector<std::string> words);
  /// Starts it. 0, or what a shell would say: 127 where there is no such program, 126 where it
  /// cannot be executed, 125 where no process can be made; then `problem()` tells why.
  int start(Output output);
  std::string const& problem() const { return problem_; }
  /// Waits for the command and for its descendants in this session, calling `tick` about ten times
  /// a second.
  Ended follow(std::function<void()> const& tick);
  /// Waits a tenth of a second; true if a signal to end came meanwhile.
  bool asked_to_end();

 private:
  bool take_signal(std::function<void(int)> const& forward);
  void reap();
  std::vector<pid_t> descendants() const;
  std::vector<std::string> words_;
  std::string problem_;
  sigset_t watched_, before_;
  pid_t child_ = -1;
  bool child_ended_ = false, ended_by_signal_ = false;
  Ended ended_;
};

}  // namespace crossjoule::drivers
