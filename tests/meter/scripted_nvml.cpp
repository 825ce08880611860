// SPDX-License-Identifier: BSD-3-Clause
// A libnvidia-ml.so.1 for the whole command: boards follow the script that CROSSJOULE_FAKE_GPUS
// names, on the real clock, from the moment that CROSSJOULE_FAKE_GPUS_ZERO gives (ns of
// CLOCK_MONOTONIC_RAW). A script is lines of words; those behind `board` are of that board:
//
//   board UUID NAME counter|power|unsupported|denied
//   load SECOND WATT      from that second on; repeats after `period SECOND`
//   update SECOND         of all figures        window SECOND   that the power looks at
//   reset SECOND          the counter begins anew
//   module WATT           around the board beside it
//   busy PERCENT
#include "tests/meter/gpu_schedule.hpp"

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

namespace {

struct Board {
  std::string uuid, name, mode;
  crossjoule::meter::GpuSchedule schedule;
  std::optional<double> module_watt;
  std::optional<unsigned> busy_percent;
};

constexpr int success = 0, bad_argument = 2, not_supported = 3, no_permission = 4;

std::vector<Board> read_script() {
  std::vector<Board> boards;
  char const* path = std::getenv("CROSSJOULE_FAKE_GPUS");
  std::ifstream file(path ? path : "");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string key;
    words >> key;
    if (key == "board") {
      Board board;
      words >> board.uuid >> board.name >> board.mode;
      boards.push_back(board);
    }
    if (boards.empty() || key.empty()) continue;
    Board& board = boards.back();
    double first = 0, second = 0;
    if (key != "board") words >> first >> second;
    if (key == "load") board.schedule.steps.emplace_back(first, second);
    if (key == "period") board.schedule.period = first;
    if (key == "update") board.schedule.update = first;
    if (key == "window") board.schedule.window = first;
    if (key == "reset") board.schedule.reset = first;
    if (key == "module") board.module_watt = first;
    if (key == "busy") board.busy_percent = static_cast<unsigned>(first);
  }
  return boards;
}

std::vector<Board>& boards() {
  static std::vector<Board> all = read_script();
  return all;
}

double now() {
  static char const* const zero = std::getenv("CROSSJOULE_FAKE_GPUS_ZERO");
  static long long const zero_ns = zero ? std::atoll(zero) : 0;
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC_RAW, &time);
  return static_cast<double>(time.tv_sec * 1'000'000'000LL + time.tv_nsec - zero_ns) * 1e-9;
}

int code_of(Board const& board, char const* wanted) {
  if (board.mode == "denied") return no_permission;
  if (board.mode == "unsupported") return not_supported;
  return std::string(wanted) == "energy" && board.mode == "power" ? not_supported : success;
}

}  // namespace

extern "C" {

struct Field {
  unsigned field, scope;
  long long stamp, latency;
  int type, code;
  union {
    double real;
    unsigned number;
  } value;
};
struct Utilisation {
  unsigned compute, memory;
};

int nvmlInit_v2() { return success; }
int nvmlShutdown() { return success; }
int nvmlDeviceGetCount_v2(unsigned* count) {
  *count = static_cast<unsigned>(boards().size());
  return success;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, Board** board) {
  if (index >= boards().size()) return bad_argument;
  *board = &boards()[index];
  return success;
}
int nvmlDeviceGetUUID(Board* board, char* text, unsigned length) {
  std::snprintf(text, length, "%s", board->uuid.c_str());
  return success;
}
int nvmlDeviceGetName(Board* board, char* text, unsigned length) {
  std::snprintf(text, length, "%s", board->name.c_str());
  return success;
}
int nvmlDeviceGetTotalEnergyConsumption(Board* board, unsigned long long* millijoule) {
  *millijoule = board->schedule.millijoule(now());
  return code_of(*board, "energy");
}
int nvmlDeviceGetPowerUsage(Board* board, unsigned* milliwatt) {
  *milliwatt = board->schedule.milliwatt(now());
  return code_of(*board, "power");
}
int nvmlDeviceGetEnforcedPowerLimit(Board*, unsigned* milliwatt) {
  *milliwatt = 700'000;
  return success;
}
int nvmlDeviceGetFieldValues(Board* board, int count, Field* fields) {
  for (int k = 0; k < count; ++k) {
    bool const is_module = fields[k].scope == 1;
    bool const is_there = code_of(*board, "power") == success && (!is_module || board->module_watt);
    double const watt =
        is_module ? board->module_watt.value_or(0) : board->schedule.milliwatt(now()) * 1e-3;
    fields[k].code = is_there ? success : not_supported;
    fields[k].type = 1, fields[k].value.number = static_cast<unsigned>(watt * 1e3);
  }
  return success;
}
int nvmlDeviceGetUtilizationRates(Board* board, Utilisation* now) {
  *now = {board->busy_percent.value_or(0), 0};
  return board->busy_percent ? success : not_supported;
}
char const* nvmlErrorString(int code) {
  return code == not_supported   ? "Not Supported"
         : code == no_permission ? "No Permission"
                                 : "Other";
}
}
