// SPDX-License-Identifier: BSD-3-Clause
// Every text parser of the meter under bytes from anywhere: no crash, no hang, errors of our own
// alone. Entry point for libFuzzer (clang++ -fsanitize=fuzzer,address with the sources of core and
// meter); fuzz_seeds_test.cpp replays seeds and mutations of them in the unit tests.
#include "core/error.hpp"
#include "meter/carbon.hpp"
#include "meter/impact_tracker.hpp"
#include "meter/imports.hpp"
#include "meter/json_lines.hpp"
#include "meter/naive.hpp"
#include "meter/trace.hpp"
#include "meter/tree.hpp"
#include "meter/values.hpp"

#include <cstddef>
#include <cstdint>

namespace {

using namespace crossjoule;

template <class Call>
void tolerate(Call&& call) {
  try {
    call();
  } catch (core::Error const&) {  // an error that names the problem is what bad input gets
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const text(reinterpret_cast<char const*>(data), size);
  using meter::LogFormat;
  for (auto const format : {LogFormat::nvidia_smi, LogFormat::sacct, LogFormat::tegrastats,
                            LogFormat::codecarbon, LogFormat::trace})
    tolerate([&] { meter::import_text(text, format, "fuzz", {}); });
  tolerate([&] { meter::parse_grid(text, "fuzz"); });
  tolerate([&] { meter::read_impact_tracker(text, {}); });
  tolerate([&] { meter::read_load_profile(text, "fuzz", 100); });
  tolerate([&] { meter::parse_trace_source(std::string(text)); });
  meter::parse_json(text), meter::parse_unsigned(text), meter::parse_cpu_list(text);
  meter::parse_time_ns(text), meter::parse_watt(text), meter::parse_joule(text);
  meter::parse_number(text);
  return 0;
}
