// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/command_line.hpp"

#include "core/system.hpp"

#include <fmt/ranges.h>
#include <algorithm>
#include <array>
#include <CLI/CLI.hpp>

namespace crossjoule::drivers {
namespace {

struct Entry {
  char const* name;
  char const* help;
  char const* example;
  Takes takes;
  Ranks ranks;
  Verb verb;
};

constexpr std::array<Entry, 14> verbs = {{
    {"generate", "write input files in the field's formats",
     "crossjoule generate events --set seed=1", Takes::kind_and_config, Ranks::all, generate},
    {"train", "train a network on files, metered", "mpirun -n 2 crossjoule train svdd.toml",
     Takes::config, Ranks::all, train},
    {"infer", "accuracy, latency and throughput sweeps, metered",
     "mpirun -n 2 crossjoule infer sweep.toml", Takes::config, Ranks::all, infer},
    {"forecast", "roll a trained network out over fields and score it beside baselines",
     "mpirun -n 2 crossjoule forecast forecast.toml", Takes::config, Ranks::all, forecast},
    {"estimate", "lay a network on an analog chip (modelled)",
     "crossjoule estimate --set network.kind=svdd --output chip.h5", Takes::config, Ranks::all,
     estimate},
    {"compare", "join records of one network into one table",
     "crossjoule compare infer.h5 chip.h5 --csv table.csv", Takes::files, Ranks::one, compare},
    {"inspect", "print, verify (--check) or extract (--csv) a record",
     "crossjoule inspect --check infer.h5", Takes::one_file, Ranks::one, inspect},
    {"verify", "run a reference file's network and print the error of every dataset",
     "crossjoule verify svdd-z13.h5", Takes::one_file, Ranks::one, verify},
    {"validate", "recompute published figures; exit code 1 if one leaves its band",
     "crossjoule validate --json", Takes::config, Ranks::one, validate},
    // main hands `meter` on before this table is asked: the entry is for --help
    {"meter", "weigh any command: meter -- COMMAND; list the sensors: meter --probe",
     "crossjoule meter -- make -j2", Takes::nothing, Ranks::one, nullptr},
    {"statistics", "means, deviations and a climatology of fields, into a folder",
     "mpirun -n 2 crossjoule statistics train --output stats", Takes::files_or_config, Ranks::all,
     statistics},
    {"account", "logs of other energy tools as our own books; --naive: what estimators would say",
     "crossjoule account nvidia-smi.csv --output gpu.h5", Takes::files, Ranks::one, account},
    {"carbon", "emissions of a record's joules, from intensity series and other assumptions",
     "crossjoule carbon run.h5 --set 'grid=[\"grid.csv\"]' --set pue=1.2", Takes::files, Ranks::one,
     carbon},
    {"devices", "what this machine has: CPUs, GPUs, sensors, backends", "crossjoule devices --json",
     Takes::nothing, Ranks::one, devices},
}};

void add_options(CLI::App& app, Entry const& entry, Parsed& parsed) {
  Call& call = parsed.call;
  if (entry.takes == Takes::kind_and_config)
    app.add_option("kind", call.kind, "what to generate: events, weather")->required();
  if (entry.takes == Takes::files || entry.takes == Takes::one_file)
    app.add_option("files", parsed.words, "records, and a config.toml if wanted");
  else if (entry.takes == Takes::files_or_config)
    app.add_option("files", parsed.words,
                   "folders of year files or files; a config.toml if wanted");
  else if (entry.takes != Takes::nothing)
    app.add_option("config", parsed.words, "config.toml (defaults without it, see --dump-default)");
  app.add_option("--set", parsed.assignments,
                 "key=value over the configuration; may be given again")
      ->allow_extra_args(false);
  if (entry.takes == Takes::kind_and_config)
    app.add_option_function<std::string>(
        "--case", [&](std::string const& name) { parsed.assignments.push_back("case=" + name); },
        "weather: planet, or a published test case");
  app.add_option("-o,--output", call.output, "the record to write");
  app.add_flag_callback(
      "--json", [&] { call.format = Call::Format::json; }, "one JSON document on stdout");
  app.add_flag("-q,--quiet", parsed.quiet, "no progress, no log lines");
  app.add_flag_callback(
      "--force", [&] { call.overwrite = core::Overwrite::yes; }, "replace an output that exists");
  app.add_flag("--dump-default", call.dump_default,
               "print a complete commented configuration and stop");
  std::string const name = entry.name;
  if (name == "train") app.add_flag("--resume", call.resume, "continue from the newest checkpoint");
  if (name == "train" || name == "infer" || name == "forecast")
    app.add_flag("--require-measured", call.require_measured,
                 "fail (3) rather than model the joules");
  if (name == "account")
    app.add_flag_callback(
        "--naive", [&] { parsed.assignments.emplace_back("naive=true"); },
        "what the usual estimators would have said, and their error");
  if (name == "inspect") app.add_flag("--check", call.check, "verify digests and required content");
  if (name == "inspect" || name == "compare")
    app.add_option("--csv", call.csv, "write the table as CSV");
  if (name == "carbon")
    app.add_flag_callback(
        "--write", [&] { parsed.assignments.emplace_back("write=true"); },
        "keep the figures and their inputs in the record, below /energy/carbon");
  if (name == "compare")
    app.add_flag_callback(
        "--waterfall", [&] { parsed.assignments.emplace_back("waterfall=true"); },
        "from the most flattering ratio to the most honest one, step by step");
  if (name == "compare")
    app.add_flag_callback(
        "--allow-mixed", [&] { parsed.assignments.emplace_back("allow_mixed=true"); },
        "let measured and modelled joules of digital platforms stand in one table");
  app.footer(std::string("Example: ") + entry.example);
}

/// A command line that nobody understands: one line, like every other error.
int usage_error(std::string const& problem, int argc, char** argv) {
  std::vector<std::string> names;
  for (auto const& entry : verbs) names.emplace_back(entry.name);
  std::string const word = argc > 1 ? argv[1] : "";
  bool const known = std::find(names.begin(), names.end(), word) != names.end();
  if (known)
    fmt::print(stderr, "crossjoule: error: {}: {} (the command line) see crossjoule {} --help\n",
               word, problem.substr(0, problem.find('\n')), word);
  else
    fmt::print(stderr, "crossjoule: error: {} (must be one of {}) see crossjoule --help\n",
               word.empty() ? "no verb" : fmt::format("unknown verb {}", word),
               fmt::join(names, ", "));
  return static_cast<int>(core::ExitCode::bad_input);
}

}  // namespace

Parsed parse(int argc, char** argv) {
  Parsed parsed;
  CLI::App app("crossjoule: what would this network cost, in seconds and joules?");
  app.set_version_flag("--version", core::build_facts().front().second);
  app.require_subcommand(1);
  std::vector<CLI::App*> subcommands;
  for (auto const& entry : verbs) {
    subcommands.push_back(app.add_subcommand(entry.name, entry.help));
    add_options(*subcommands.back(), entry, parsed);
  }
  try {
    app.parse(argc, argv);
  } catch (CLI::ParseError const& error) {
    parsed.exit_now =  // --help and --version end here too, well
        error.get_exit_code() == 0 ? app.exit(error) : usage_error(error.what(), argc, argv);
    return parsed;
  }
  for (std::size_t i = 0; i < verbs.size(); ++i) {
    if (!subcommands[i]->parsed()) continue;
    parsed.call.verb = verbs[i].name;
    parsed.verb = verbs[i].verb;
    parsed.takes = verbs[i].takes;
    parsed.ranks = verbs[i].ranks;
  }
  return parsed;
}

void load(Parsed& parsed) {
  Call& call = parsed.call;
  bool const configs_only = parsed.takes == Takes::config || parsed.takes == Takes::kind_and_config;
  for (auto const& word : parsed.words) {
    bool const is_config =
        configs_only || (parsed.takes != Takes::one_file && word.ends_with(".toml"));
    if (!is_config) {
      call.files.emplace_back(word);
      continue;
    }
    VALIDATE(call.config.path().empty(),
             "two configurations, {} and {} (a verb takes one) merge them",
             call.config.path().string(), word);
    call.config = core::Config::from_file(word);
  }
  VALIDATE(call.dump_default || !parsed.words.empty() ||
               (parsed.takes != Takes::files && parsed.takes != Takes::one_file),
           "{} reads a file (none was named) see crossjoule {} --help", call.verb, call.verb);
  for (auto const& file : call.files)
    for (auto const& output : {call.output, call.csv})
      if (!output.empty()) refuse_to_replace(output, file);
  for (auto const& assignment : parsed.assignments) call.config.set(assignment);
}

}  // namespace crossjoule::drivers
