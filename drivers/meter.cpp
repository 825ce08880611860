// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/meter.hpp"

#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/record.hpp"
#include "drivers/command.hpp"
#include "drivers/meter_print.hpp"
#include "drivers/meter_words.hpp"
#include "meter/composition.hpp"
#include "meter/reader_lock.hpp"

#include <unistd.h>
#include <cstdio>
#include <cstdlib>

namespace crossjoule::drivers {
namespace {

constexpr int own_failure = 125;
/// How long the reader waits for the other processes of a launch to appear.
constexpr double latecomer_second = 5;

core::Config load_config(MeterWords const& line) {
  core::Config config = line.config.empty() ? core::Config() : core::Config::from_file(line.config);
  for (auto const& assignment : line.assignments) config.set(assignment);
  return config;
}

/// Options of the configuration's section [meter], with those of the command line over them.
meter::MeterOptions options_of(MeterWords const& line, core::Config& config) {
  auto options = meter::read_options(config.section("meter", "how the node is weighed"));
  if (line.options.require == meter::Requirement::measured)
    options.require = meter::Requirement::measured;
  options.traces.insert(options.traces.end(), line.options.traces.begin(),
                        line.options.traces.end());
  config.refuse_leftovers();
  return options;
}

long number_of(char const* variable) {
  char const* text = std::getenv(variable);
  return text ? std::atol(text) : 0;
}

/// Does the launch span nodes? Then each reader needs a file of its own.
bool spans_nodes() {
  return number_of("SLURM_NNODES") > 1 ||
         number_of("OMPI_COMM_WORLD_SIZE") > number_of("OMPI_COMM_WORLD_LOCAL_SIZE");
}

std::filesystem::path with_suffix(std::filesystem::path path, std::string const& suffix) {
  return path.replace_filename(path.stem().string() + suffix + path.extension().string());
}

/// Where the record goes: "" for none.
std::filesystem::path record_path(MeterWords const& line) {
  if (line.output == "none") return {};
  std::filesystem::path path = line.output.value_or("meter.h5");
  if (spans_nodes()) {
    char host[256] = {};
    ::gethostname(host, sizeof host - 1);
    path = with_suffix(path, std::string("-") + host);
  }
  if (line.output) return path;
  std::error_code error;
  auto free = path;
  for (int k = 2; std::filesystem::exists(free, error); ++k)
    free = with_suffix(path, fmt::format("-{}", k));
  return free;
}

/// Writes the record again and again while the command runs, each time as a closed file under its
/// final name: a killed job leaves the last one.
class Keeper {
 public:
  Keeper(MeterWords const& line, core::Config const& config, std::filesystem::path path)
      : config_(config), path_(std::move(path)), overwrite_(line.overwrite) {}

  void write(Metered const& metered) {
    if (path_.empty()) return;
    core::Record record(path_, "meter", config_, overwrite_);
    auto& file = record.file();
    std::string command;
    for (auto const& word : metered.command) command += (command.empty() ? "" : " ") + word;
    file.write_text("/result/run/command", command, "the command that was weighed");
    file.attribute("/result/run", "complete", std::int64_t{metered.is_complete});
    file.attribute("/result/run", "exit_status", std::int64_t{metered.ended.status});
    file.attribute("/result/run", "seconds", metered.energy.duration.value);
    file.attribute("/result/run", "user_s", metered.ended.user_second);
    file.attribute("/result/run", "system_s", metered.ended.system_second);
    file.attribute("/result/run", "coverage", metered.energy.coverage);
    file.attribute("/result/run", "missing_terms", metered.energy.missing_terms);
    file.attribute("/result/run", "assumed_terms", metered.energy.assumed_terms);
    file.attribute("/result/run", "largest_error_term", metered.energy.largest_error_term);
    record.quantity("/result/energy/system", metered.energy.system, "all that covers the node");
    record.quantity("/result/energy/chip", metered.energy.chip, "CPU packages");
    record.quantity("/result/energy/idle_system", metered.energy.idle_system,
                    "the part that idle power takes");
    meter::write(file, {metered.account});
    record.commit();
    overwrite_ = core::Overwrite::yes;  // from now on it is ours
  }
  std::string path() const { return path_.string(); }
  /// Refuses an output that exists or cannot be written, before anything runs.
  void check() const {
    if (!path_.empty()) core::Record(path_, "meter", config_, overwrite_);
  }

 private:
  core::Config const& config_;
  std::filesystem::path path_;
  core::Overwrite overwrite_;
};

class Run {
 public:
  Run(MeterWords const& line, core::Config& config)
      : line_(line),
        config_(config),
        command_(line.command),
        meter_(options_of(line, config)),
        keeper_(line, config, meter_.is_reader() ? record_path(line) : "") {}

  int go() {
    if (line_.idle_second > 0) meter_.measure_idle({line_.idle_second});
    keeper_.check();
    auto region = meter_.begin(meter::Phase::unattributed, "command");
    bool const is_json = line_.format == MeterWords::Format::json;
    int const failure =
        command_.start(is_json ? Command::Output::to_stderr : Command::Output::ours);
    if (failure != 0) return give_up(failure);
    ended_ = command_.follow([&] { tick(); });
    await_others();
    energy_ = region.close();
    if (line_.show == MeterWords::Show::live && ::isatty(STDERR_FILENO)) fmt::print(stderr, "\n");
    if (line_.idle_second > 0) meter_.measure_idle({line_.idle_second});
    auto metered = state(true);
    try {
      keeper_.write(metered);
    } catch (core::Error const& error) {  // it ran: its exit code stands
      fmt::print(stderr, "crossjoule meter: error: {}\n", error.what());
      metered.record.clear();
    }
    if (is_json)
      fmt::print("{}", summary_json(metered));
    else if (!line_.is_quiet && energy_->is_reader)
      fmt::print(stderr, "{}", summary(metered));
    return ended_.status;
  }

 private:
  static constexpr std::int64_t second_ns = 1'000'000'000;

  int give_up(int code) {
    fmt::print(stderr, "crossjoule meter: error: {}\n", command_.problem());
    return code;
  }

  Metered state(bool is_complete) {
    Metered metered;
    metered.command = line_.command, metered.ended = ended_, metered.is_complete = is_complete;
    metered.energy = energy_ ? *energy_ : meter_.total();
    metered.account = meter_.account(), metered.record = keeper_.path();
    return metered;
  }

  void tick() {
    std::int64_t const now = core::steady_ns();
    if (line_.show == MeterWords::Show::live && now >= next_live_ns_) show();
    if (now < next_write_ns_) return;
    try {
      keeper_.write(state(false));
    } catch (core::Error const& error) {  // a full disk is no reason to stop the command
      if (!has_warned_) fmt::print(stderr, "crossjoule meter: warning: {}\n", error.what());
      has_warned_ = true;
    }
    next_write_ns_ = core::steady_ns() + write_every_ns_;  // the first at once, then 1, 3, 7 … s
    write_every_ns_ = std::min(2 * write_every_ns_, 60 * second_ns);
  }

  void show() {
    auto const now = meter_.powers();
    if (!before_.empty())
      fmt::print(stderr, "{}{}{}", ::isatty(STDERR_FILENO) ? "\r\033[K" : "",
                 live_line(before_, now), ::isatty(STDERR_FILENO) ? "" : "\n");
    std::fflush(stderr);
    before_ = now, next_live_ns_ = core::steady_ns() + second_ns;
  }

  /// The reader weighs its node until the last process of the launch has ended there.
  void await_others() {
    if (!meter_.is_reader()) return;
    int const expected = meter::local_size();
    std::int64_t const patience =
        core::steady_ns() + static_cast<std::int64_t>(latecomer_second * 1e9);
    bool is_waiting = true;
    while (is_waiting) {
      bool const some_are_late = meter_.processes_seen() < expected && core::steady_ns() < patience;
      is_waiting = some_are_late || meter_.processes_on_node() > 1;
      if (is_waiting && command_.asked_to_end()) return;
      if (is_waiting) tick();
    }
  }

  MeterWords const& line_;
  core::Config& config_;
  Command command_;  // blocks signals before the meter's thread starts
  meter::Meter meter_;
  Keeper keeper_;
  Ended ended_;
  std::optional<meter::Energy> energy_;
  std::vector<meter::DevicePower> before_;
  std::int64_t next_write_ns_ = 0, write_every_ns_ = second_ns, next_live_ns_ = 0;
  bool has_warned_ = false;
};

int probe(MeterWords const& line, core::Config& config) {
  auto const options = options_of(line, config);
  meter::Tree const tree(options.sysfs_root);
  auto const library = options.nvml_library.value_or(tree.is_real() ? "libnvidia-ml.so.1" : "");
  auto const clock = meter::real_clock();
  auto found = meter::probe_node(tree, *clock, library, options.memory_gb, {}, options.traces);
  auto const node = meter::compose(found, tree, options);
  fmt::print("{}", probe_text(found.rows, node.headline, line.format));
  return 0;
}

int run(MeterWords const& line) {
  if (line.mode == MeterWords::Mode::help) return fmt::print("{}", meter_help), 0;
  auto config = load_config(line);
  if (line.mode == MeterWords::Mode::dump) {
    options_of(line, config);
    return fmt::print("{}", config.dump_default()), 0;
  }
  if (line.mode == MeterWords::Mode::probe) return probe(line, config);
  return Run(line, config).go();
}

}  // namespace

int meter_main(int argc, char** argv) {
  std::vector<std::string> const words(argv + 2, argv + argc);
  bool has_command = false;
  for (auto const& word : words) has_command = has_command || word == "--";
  try {
    return run(read_meter_words(words));
  } catch (core::Error const& error) {
    fmt::print(stderr, "crossjoule: error: {}\n", error.what());
    return has_command ? own_failure : static_cast<int>(error.code());
  } catch (std::exception const& error) {
    fmt::print(stderr, "crossjoule: error: {}\n", error.what());
    return has_command ? own_failure : static_cast<int>(core::ExitCode::internal);
  }
}

}  // namespace crossjoule::drivers
