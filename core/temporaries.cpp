// SPDX-License-Identifier: BSD-3-Clause
#include "core/temporaries.hpp"

#include <unistd.h>
#include <array>
#include <atomic>
#include <climits>
#include <csignal>
#include <cstring>
#include <ctime>
#include <mutex>

namespace crossjoule::core {
namespace {

/// A name where a signal handler can read it: no allocation, no lock.
struct Slot {
  std::atomic<bool> used = false;
  std::array<char, PATH_MAX> name;
};
std::array<Slot, 16> slots;
std::mutex slots_mutex;  // among those who write; the handler only looks
std::atomic<bool> lingers = false;
constexpr timespec moment{.tv_sec = 0, .tv_nsec = 300'000'000};

extern "C" void remove_and_end(int signal) {
  for (Slot const& slot : slots)
    if (slot.used.load(std::memory_order_acquire)) unlink(slot.name.data());
  if (lingers.load(std::memory_order_relaxed)) nanosleep(&moment, nullptr);
  std::signal(signal, SIG_DFL);
  raise(signal);
}

}  // namespace

void remove_temporaries_on_signals() {
  for (int const signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction now {};
    if (sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_DFL)
      std::signal(signal, remove_and_end);  // nohup and the like stay in force
  }
}

void linger_on_signals() { lingers = true; }

void detail::remember_temporary(std::filesystem::path const& path) {
  std::lock_guard const lock(slots_mutex);
  if (path.native().size() >= PATH_MAX) return;
  for (Slot& slot : slots) {
    if (slot.used.load(std::memory_order_relaxed)) continue;
    std::memcpy(slot.name.data(), path.c_str(), path.native().size() + 1);
    slot.used.store(true, std::memory_order_release);
    return;
  }
}

void detail::forget_temporary(std::filesystem::path const& path) {
  std::lock_guard const lock(slots_mutex);
  for (Slot& slot : slots)
    if (slot.used.load(std::memory_order_relaxed) && path.native() == slot.name.data())
      slot.used.store(false, std::memory_order_release);
}

void detail::discard_temporary(std::filesystem::path const& path) noexcept {
  unlink(path.c_str());
  forget_temporary(path);
}

}  // namespace crossjoule::core
