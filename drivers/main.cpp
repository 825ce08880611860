// SPDX-License-Identifier: BSD-3-Clause
// The command `crossjoule VERB …`: maps verbs to functions, catches every error, prints it once
// with its rank, and returns its exit code.
#include "core/error.hpp"
#include "core/log.hpp"
#include "core/record.hpp"
#include "core/temporaries.hpp"
#include "drivers/command_line.hpp"
#include "drivers/contained.hpp"
#include "drivers/meter.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <new>
#include <thread>

namespace {

using namespace crossjoule;

/// Prints the error and ends the job. Ranks above 0 wait first, long enough for a busy node: an
/// error that all ranks meet (a misspelt key) is then told once, by rank 0, whose abort ends the
/// others. An error of one rank alone still ends the job within 4 s.
int report(core::Comm const& comm, core::ExitCode code, char const* message) {
  using namespace std::chrono_literals;
  if (!comm.is_root()) std::this_thread::sleep_for(2s + std::min(comm.rank(), 100) * 20ms);
  if (comm.size() == 1)
    fmt::print(stderr, "crossjoule: error: {}\n", message);
  else
    fmt::print(stderr, "crossjoule: rank {}: error: {}\n", comm.rank(), message);
  std::fflush(nullptr);
  if (comm.size() > 1) comm.abort(static_cast<int>(code));
  return static_cast<int>(code);
}

/// Runs the verb; a failure of the run itself, not of its input, leaves `<stem>.failed.h5`.
int run(drivers::Parsed& parsed, core::Comm const& comm) {
  try {
    drivers::load(parsed);
    auto const code = parsed.verb(parsed.call, comm);
    // tables and JSON are results too: a full disk behind stdout must not pass for success
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
      return report(comm, core::ExitCode::damaged, drivers::unwritten_output().c_str());
    return static_cast<int>(code);
  } catch (core::Error const& error) {
    bool const ran =
        error.code() == core::ExitCode::non_finite || error.code() == core::ExitCode::internal;
    if (ran && !parsed.call.output.empty()) try {
        core::Record::leave_error(parsed.call.output, parsed.call.verb, parsed.call.config,
                                  static_cast<int>(error.code()), error.what());
      } catch (core::Error const&) {  // the first error is the one to tell
      }
    return report(comm, error.code(), error.what());
  } catch (std::bad_alloc const&) {
    return report(
        comm, core::ExitCode::missing,
        "out of memory (the allocation was refused) lower the batch or the size of the input");
  } catch (std::filesystem::filesystem_error const& error) {
    auto const message = fmt::format("{}: {} (the system refuses) check the path",
                                     error.path1().string(), error.code().message());
    return report(comm, core::ExitCode::damaged, message.c_str());
  } catch (std::exception const& error) {
    if (std::ferror(stdout) != 0)  // {fmt} throws where stdout takes no more
      return report(comm, core::ExitCode::damaged, drivers::unwritten_output().c_str());
    return report(comm, core::ExitCode::internal, error.what());
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a write past the file-size limit fails with EFBIG: exit code 5
  // what stands behind `meter --` is another program's command line
  if (argc > 1 && std::strcmp(argv[1], "meter") == 0) return drivers::meter_main(argc, argv);
  core::remove_temporaries_on_signals();
  auto parsed = drivers::parse(argc, argv);
  if (parsed.exit_now) return *parsed.exit_now;
  auto const comm =
      parsed.ranks == drivers::Ranks::all ? core::Comm::world() : core::Comm::serial();
  core::set_log_rank(comm.rank());
  if (comm.size() > 1) core::linger_on_signals();
  if (parsed.quiet) core::set_verbosity(core::Verbosity::quiet);
  return run(parsed, comm);
}
