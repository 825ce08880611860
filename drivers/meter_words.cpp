// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/meter_words.hpp"

#include "core/error.hpp"
#include "meter/values.hpp"

#include <algorithm>

namespace crossjoule::drivers {

char const* const meter_help =
    R"(weigh any command, or tell what this machine can be weighed with
Usage: crossjoule meter [options] [config.toml] -- COMMAND [arguments…]
       crossjoule meter --probe [options]

The command's output, exit code and signals pass through; a summary goes to stderr and a record to
HDF5. A failure of the meter itself ends with 125; 126: the command cannot be executed; 127: no such
command.

Options:
  -h, --help            this text
  --probe               list every backend and sensor, with status and advice
  --live                watts of each device on stderr, once a second
  --idle SECONDS        idle baseline before and after the command (0: none)
  --require-measured    fail (125 with a command, else 3) rather than model the joules
  -o, --output PATH     the record (meter.h5, or meter-2.h5 and so on where that exists; none: no record)
  --force               replace an output that exists
  --json                one JSON document on stdout; the command's own output goes to stderr
  -q, --quiet           no summary
  --sysfs-root PATH     look for /sys and /proc below it
  --period SECONDS      of the samples, 0.001 to 1 (default 0.1)
  --trace ROLE:FILE     replay:FILE plays a recording, external:FILE follows another meter's CSV
  --set key=value       over the configuration; may be given again
  --dump-default        print the documented configuration and stop

Example: crossjoule meter --output build.h5 -- make -j2
)";

namespace {

class Reader {
 public:
  explicit Reader(std::vector<std::string> const& words) : words_(words) {}

  MeterWords run() {
    while (at_ < words_.size() && words_[at_] != "--") take();
    if (at_ < words_.size())
      line_.command.assign(words_.begin() + static_cast<std::ptrdiff_t>(at_) + 1, words_.end());
    bool const needs_command = line_.mode == MeterWords::Mode::run;
    VALIDATE(!needs_command || !line_.command.empty(),
             "meter has no command (nothing stands behind --) write: crossjoule meter -- COMMAND");
    return std::move(line_);
  }

 private:
  /// The word behind an option, or behind its '='.
  std::string value(std::string const& option) {
    if (auto const equals = words_[at_].find('=');
        equals != std::string::npos && words_[at_].starts_with("--"))
      return words_[at_].substr(equals + 1);
    VALIDATE(at_ + 1 < words_.size() && words_[at_ + 1] != "--",
             "{} has no value (the command line ends) give one", option);
    return words_[++at_];
  }
  double number(std::string const& option, double low, double high) {
    std::string const text = value(option);
    auto const number = meter::parse_number(text);
    VALIDATE(number && *number >= low && *number <= high,
             "{} {} (a number from {} to {} is wanted) correct it", option, text, low, high);
    return *number;
  }

  void take() {
    std::string const& word = words_[at_];
    std::string const name = word.starts_with("--") ? word.substr(0, word.find('=')) : word;
    if (name == "-h" || name == "--help")
      line_.mode = MeterWords::Mode::help;
    else if (name == "--probe")
      line_.mode = MeterWords::Mode::probe;
    else if (name == "--dump-default")
      line_.mode = MeterWords::Mode::dump;
    else if (name == "--live")
      line_.show = MeterWords::Show::live;
    else if (name == "--json")
      line_.format = MeterWords::Format::json;
    else if (name == "--force")
      line_.overwrite = core::Overwrite::yes;
    else if (name == "-q" || name == "--quiet")
      line_.is_quiet = true;
    else if (name == "--require-measured")
      line_.options.require = meter::Requirement::measured;
    else
      take_with_value(name);
    ++at_;
  }

  void take_with_value(std::string const& name) {
    if (name == "-o" || name == "--output")
      line_.output = value(name);
    else if (name == "--idle")
      line_.idle_second = number(name, 0, 3600);
    else if (name == "--set")
      line_.assignments.push_back(value(name));
    else if (name == "--sysfs-root")
      line_.assignments.push_back("meter.sysfs_root=" + quoted(value(name)));
    else if (name == "--period")
      line_.options.period_s = number(name, 0.001, 1), period_was_given_ = true;
    else if (name == "--trace")
      line_.options.traces.push_back(meter::parse_trace_source(value(name)));
    else if (!name.starts_with("-") && line_.config.empty() && name.ends_with(".toml"))
      line_.config = name;
    else
      core::fail(
          core::ExitCode::bad_input,
          "meter: {} is no option (the command stands behind --) see crossjoule meter --help",
          name);
    if (period_was_given_)
      line_.assignments.push_back(fmt::format("meter.period_s={}", line_.options.period_s)),
          period_was_given_ = false;
  }

  static std::string quoted(std::string const& text) {
    std::string result = "\"";
    for (char const c : text) {
      if (c == '"' || c == '\\') result += '\\';
      result += c;
    }
    return result + '"';
  }

  std::vector<std::string> const& words_;
  std::size_t at_ = 0;
  bool period_was_given_ = false;
  MeterWords line_;
};

}  // namespace

MeterWords read_meter_words(std::vector<std::string> const& words) { return Reader(words).run(); }

}  // namespace crossjoule::drivers
