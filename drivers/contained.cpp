// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/contained.hpp"

#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

namespace crossjoule::drivers {

std::string unwritten_output() {
  return fmt::format("standard output could not be written ({}) free space or redirect it",
                     std::strerror(errno));
}

namespace {

/// The child's side: its exit status is the exit code; the message of an error goes into the pipe.
[[noreturn]] void run_child(int pipe_end, std::function<core::ExitCode()> const& call) {
  int status = static_cast<int>(core::ExitCode::internal);
  std::string message;
  try {
    status = static_cast<int>(call());
  } catch (core::Error const& error) {
    status = static_cast<int>(error.code());
    message = error.what();
  } catch (std::exception const& error) {
    message = error.what();
  }
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    status = static_cast<int>(core::ExitCode::damaged);
    message = unwritten_output();
  }
  std::fflush(nullptr);
  std::size_t sent = 0;
  while (sent < message.size()) {
    ssize_t const count = write(pipe_end, message.data() + sent, message.size() - sent);
    if (count <= 0) break;
    sent += static_cast<std::size_t>(count);
  }
  _exit(status);  // no cleanup twice
}

/// Signals that a decoder sends itself, and the one of the system that runs out of memory.
bool is_crash(int number) {
  for (int const crash : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGKILL})
    if (number == crash) return true;
  return false;
}

std::string read_all(int pipe_end) {
  std::string text;
  char buffer[4096];
  for (;;) {
    ssize_t const count = read(pipe_end, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(count));
  }
}

}  // namespace

core::ExitCode contained(std::string const& name, std::function<core::ExitCode()> const& call) {
  int ends[2];
  VALIDATE_AS(ExitCode::internal, pipe(ends) == 0, "no pipe to a child process ({})",
              std::strerror(errno));
  std::fflush(nullptr);
  pid_t const child = fork();
  VALIDATE_AS(ExitCode::internal, child >= 0, "no child process ({})", std::strerror(errno));
  if (child == 0) {
    close(ends[0]);
    run_child(ends[1], call);
  }
  close(ends[1]);
  std::string const message = read_all(ends[0]);
  close(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  if (WIFSIGNALED(status) && !is_crash(WTERMSIG(status))) {  // Ctrl-C, a closed pipe: ours, too
    std::signal(WTERMSIG(status), SIG_DFL);
    raise(WTERMSIG(status));
  }
  VALIDATE_AS(ExitCode::damaged, WIFEXITED(status),
              "{}: file rejected (its decoder died of signal {}: {}) use another copy", name,
              WTERMSIG(status), strsignal(WTERMSIG(status)));
  auto const code = static_cast<core::ExitCode>(WEXITSTATUS(status));
  if (!message.empty()) throw core::Error(code, message);
  return code;
}

}  // namespace crossjoule::drivers
