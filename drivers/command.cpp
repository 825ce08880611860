// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/command.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace crossjoule::drivers {
namespace {

constexpr int forwarded[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGCONT};
constexpr timespec tick_length = {0, 100'000'000};

double seconds(timeval const& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

}  // namespace

Command::Command(std::vector<std::string> words) : words_(std::move(words)) {
  ::sigemptyset(&watched_);
  for (int const signal : forwarded) ::sigaddset(&watched_, signal);
  ::sigaddset(&watched_, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &watched_, &before_);
}

int Command::start(Output output) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // descendants whose parent died become ours
  std::vector<char*> words;
  for (auto& word : words_) words.push_back(word.data());
  words.push_back(nullptr);
  int report[2];
  if (::pipe2(report, O_CLOEXEC) != 0) return problem_ = "no pipe", 125;
  child_ = ::fork();
  if (child_ == 0) {
    ::sigprocmask(SIG_SETMASK, &before_, nullptr);
    if (output == Output::to_stderr) ::dup2(STDERR_FILENO, STDOUT_FILENO);
    ::execvp(words[0], words.data());
    int const code = errno;
    [[maybe_unused]] auto const sent = ::write(report[1], &code, sizeof code);
    ::_exit(127);
  }
  int const fork_error = errno;
  ::close(report[1]);
  int code = 0;
  bool const failed = child_ > 0 && ::read(report[0], &code, sizeof code) == sizeof code;
  ::close(report[0]);
  if (child_ < 0) {
    problem_ =
        fmt::format("no process can be made ({})", std::generic_category().message(fork_error));
    return 125;
  }
  if (!failed) return 0;
  ::waitpid(child_, nullptr, 0);
  problem_ = fmt::format("{} cannot be run ({})", words_[0], std::generic_category().message(code));
  return code == ENOENT || code == ENOTDIR ? 127 : 126;
}

/// Children of ours by now (orphans included) in this session: a daemon that made a session of its
/// own is nobody's to wait for.
std::vector<pid_t> Command::descendants() const {
  std::vector<pid_t> found;
  std::error_code error;
  for (auto const& task : std::filesystem::directory_iterator("/proc/self/task", error)) {
    std::ifstream children(task.path() / "children");
    for (pid_t child = 0; children >> child;)
      if (::getsid(child) == ::getsid(0)) found.push_back(child);
  }
  return found;
}

void Command::reap() {
  int status = 0;
  for (pid_t who; (who = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    if (who != child_) continue;
    child_ended_ = true;
    ended_.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }
}

/// Takes one signal if there is one within a tick; false where none came.
bool Command::take_signal(std::function<void(int)> const& forward) {
  siginfo_t info{};
  int const signal = ::sigtimedwait(&watched_, &info, &tick_length);
  if (signal < 0) return false;
  if (signal == SIGCHLD) {
    reap();
    return true;
  }
  bool const is_from_terminal = info.si_code == SI_KERNEL;
  bool const is_from_child = info.si_code <= 0 && info.si_pid == child_;
  if (!is_from_terminal && !is_from_child) forward(signal);
  ended_by_signal_ = ended_by_signal_ || signal == SIGTERM || signal == SIGINT || signal == SIGHUP;
  return true;
}

Ended Command::follow(std::function<void()> const& tick) {
  while (!child_ended_) {
    take_signal([&](int signal) { ::kill(child_, signal); });
    reap();
    if (!child_ended_) tick();
  }
  while (!descendants().empty()) {
    take_signal([&](int signal) {
      for (pid_t const one : descendants()) ::kill(one, signal);
    });
    reap();
    tick();
  }
  std::error_code error;
  for (auto const& task : std::filesystem::directory_iterator("/proc/self/task", error)) {
    std::ifstream children(task.path() / "children");
    for (pid_t child = 0; children >> child;) ++ended_.left_running;
  }
  rusage usage{};
  ::getrusage(RUSAGE_CHILDREN, &usage);
  ended_.user_second = seconds(usage.ru_utime), ended_.system_second = seconds(usage.ru_stime);
  return ended_;
}

bool Command::asked_to_end() {
  take_signal([](int) {});
  return ended_by_signal_;
}

}  // namespace crossjoule::drivers
