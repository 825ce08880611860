// SPDX-License-Identifier: BSD-3-Clause
// What the energy meter costs: meter_benchmark CROSSJOULE [SECONDS]. Prints each figure beside its
// bar; exit code 1 where one is beyond what fails. Eight counters stand in a fake tree: a pread of
// them is cheaper than one of RAPL's by some microseconds, which the table adds as a line of its
// own.
#include "meter/account.hpp"
#include "meter/meter.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace crossjoule;

constexpr int sensors = 8;
constexpr double rapl_read_second = 5e-6;  ///< of a real counter, an inter-processor interrupt more

double now_second() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Eight packages whose counters a thread moves.
class FedTree {
 public:
  FedTree() {
    char name[] = "/dev/shm/crossjoule-bench-XXXXXX";
    root_ = ::mkdtemp(name) ? name : "";
    for (int k = 0; k < sensors; ++k) {
      auto const zone = root_ / fmt::format("sys/class/powercap/intel-rapl:{}", k);
      std::filesystem::create_directories(zone);
      std::ofstream(zone / "name") << fmt::format("package-{}\n", k);
      std::ofstream(zone / "max_energy_range_uj") << "262143328850\n";
      std::ofstream(zone / "energy_uj") << fmt::format("{:020d}\n", 1'000'000 * (k + 1));
      files_.push_back(::open((zone / "energy_uj").c_str(), O_WRONLY | O_CLOEXEC));
    }
    feeder_ = std::thread([this] {
      for (std::uint64_t tick = 0; !stop_; ++tick) {
        for (std::size_t k = 0; k < files_.size(); ++k) {
          auto const text = fmt::format("{:020d}", 1'000'000 * (k + 1) + 100'000 * tick);
          if (::pwrite(files_[k], text.data(), text.size(), 0) < 0) return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    });
  }
  ~FedTree() {
    stop_ = true;
    feeder_.join();
    for (int const file : files_) ::close(file);
    std::filesystem::remove_all(root_);
  }
  std::filesystem::path const& root() const { return root_; }

 private:
  std::filesystem::path root_;
  std::vector<int> files_;
  std::atomic<bool> stop_ = false;
  std::thread feeder_;
};

long resident_kilobytes() {
  std::ifstream file("/proc/self/statm");
  long pages = 0, resident = 0;
  file >> pages >> resident;
  return resident * ::sysconf(_SC_PAGESIZE) / 1024;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

/// Prints figures beside their bars and keeps whether one failed.
class Report {
 public:
  Report() { fmt::print("{:44} {:>12} {:>12} {:>12}\n", "figure", "found", "bar", "fails above"); }
  void line(std::string const& what, double found, double bar, double fails, std::string unit) {
    auto const text = [&](double value) { return fmt::format("{:.4g} {}", value, unit); };
    char const* verdict = found <= bar ? "met" : found <= fails ? "MISSED" : "FAILED";
    fmt::print("{:44} {:>12} {:>12} {:>12}  {}\n", what, text(found), text(bar), text(fails),
               verdict);
    failed_ = failed_ || found > fails;
  }
  bool failed() const { return failed_; }

 private:
  bool failed_ = false;
};

/// A million pairs in batches: the median batch, and what memory grew by.
void regions(Report& report, meter::Meter& meter) {
  constexpr int batches = 100, pairs = 10'000;
  int const outer = meter.region("outer", meter::Phase::train);
  int const inner = meter.region("inner", meter::Phase::data);
  for (int k = 0; k < pairs; ++k) meter.push(inner), meter.pop();  // warm
  long const before = resident_kilobytes();
  std::vector<double> nanosecond;
  meter.push(outer);
  for (int batch = 0; batch < batches; ++batch) {
    double const begin = now_second();
    for (int k = 0; k < pairs; ++k) meter.push(inner), meter.pop();
    nanosecond.push_back((now_second() - begin) / pairs * 1e9);
  }
  meter.pop();
  std::sort(nanosecond.begin(), nanosecond.end());
  report.line("region push and pop, median of 100 x 10^4", median(nanosecond), 200, 1000, "ns");
  report.line("  the 90th percentile", nanosecond[89], 400, 5000, "ns");
  report.line("memory that 10^6 regions took", static_cast<double>(resident_kilobytes() - before),
              256, 4096, "KiB");
}

void sampling(Report& report, FedTree const& tree, double second) {
  meter::MeterOptions options;
  options.sysfs_root = tree.root();
  meter::Meter meter(options);
  auto const begin = meter.account();
  std::this_thread::sleep_for(std::chrono::duration<double>(second));
  auto const end = meter.account();
  auto const reads = end.ledger.flows.empty() ? 0 : end.ledger.flows[0].reads;
  if (end.ledger.devices.size() < sensors || reads < 5 * second)
    fmt::print("only {} devices and {} reads: is this tree metered by somebody else?\n",
               end.ledger.devices.size(), reads);
  double const cpu = end.sampler_cpu_second - begin.sampler_cpu_second;
  report.line(fmt::format("sampler at 10 Hz, {} sensors, share of a core", sensors),
              100 * cpu / second, 0.1, 0.5, "%");
  report.line("  with real counters (5 us more per read)",
              100 * (cpu / second + 10 * sensors * rapl_read_second), 0.1, 0.5, "%");
}

double run_second(std::vector<char const*> words) {
  words.push_back(nullptr);
  double const begin = now_second();
  pid_t const child = ::fork();
  if (child == 0) {
    ::execv(words[0], const_cast<char* const*>(words.data()));
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (status != 0) fmt::print("{} ended with {}\n", words[0], status);
  return now_second() - begin;
}

void start_up(Report& report, char const* binary) {
  char record[] = "/tmp/crossjoule-bench-XXXXXX";
  int const file = ::mkstemp(record);
  if (file >= 0) ::close(file);
  std::vector<double> plain, none, written;
  for (int k = 0; k < 15; ++k) {  // in turn, so that a disturbance hits all alike
    plain.push_back(run_second({"/bin/true"}));
    none.push_back(run_second({binary, "meter", "-q", "-o", "none", "--", "true"}));
    written.push_back(run_second({binary, "meter", "-q", "--force", "-o", record, "--", "true"}));
  }
  ::unlink(record);
  report.line("meter -- true, no record, start to end", 1e3 * (median(none) - median(plain)), 50,
              200, "ms");
  report.line("  with its record on disk", 1e3 * (median(written) - median(plain)), 100, 400, "ms");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: meter_benchmark CROSSJOULE [SECONDS]\n");
    return 2;
  }
  double const second = argc > 2 ? std::max(1.0, std::atof(argv[2])) : 20;
  double load[1] = {};
  ::getloadavg(load, 1);
  fmt::print("load average {:.1f} (timings want a quiet machine)\n", load[0]);
  Report report;
  FedTree const tree;
  sampling(report, tree, second);
  {
    meter::MeterOptions options;
    options.sysfs_root = tree.root();
    meter::Meter meter(options);
    regions(report, meter);
  }
  start_up(report, argv[1]);
  return report.failed() ? 1 : 0;
}
