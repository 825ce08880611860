// SPDX-License-Identifier: BSD-3-Clause
// The verb `compare` on files: sound, foreign, empty, damaged.
#include "drivers/verbs.hpp"

#include "core/points.hpp"
#include "core/record.hpp"
#include "models/build.hpp"
#include "models/cost.hpp"
#include "models/text.hpp"
#include "points.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>

namespace crossjoule::drivers {
namespace {

namespace fs = std::filesystem;

class Compare : public testing::Test {
 protected:
  Compare() : folder_(fs::temp_directory_path() / fmt::format("compare_{}", getpid())) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~Compare() override { fs::remove_all(folder_); }

  fs::path make(std::string const& name, models::Graph const& graph,
                std::vector<core::Point> const& points) const {
    core::Record record(folder_ / name, "infer", core::Config(), core::Overwrite::no);
    record.network(models::identity(graph), models::to_text(graph));
    if (!points.empty()) core::write_points(record.file(), points);
    record.commit();
    return folder_ / name;
  }

  /// What `compare` prints for these files; `call` may set more.
  std::string compared(std::vector<fs::path> const& files, Call call = {}) const {
    call.verb = "compare";
    call.files = files;
    testing::internal::CaptureStdout();
    try {
      EXPECT_EQ(compare(call, core::Comm::serial()), core::ExitCode::ok);
    } catch (...) {
      testing::internal::GetCapturedStdout();
      throw;
    }
    return testing::internal::GetCapturedStdout();
  }

  fs::path folder_;
  models::Graph const svdd_ = models::svdd();
};

TEST_F(Compare, PrintsOneTableForTwoRecordsOfOneNetwork) {
  auto const cpu = make("cpu.h5", svdd_, {digital(1, 4e-6, 1e-6), digital(100, 1e-6, 1e-7)});
  auto const chip = make("chip.h5", svdd_, {analog(1, 1e-7, 1e-6)});
  auto const text = compared({cpu, chip});
  for (std::string const& part :
       {std::string("a CPU"), std::string("a chip"), std::string("four-phase"), std::string("less"),
        std::string("boundary system"), models::digest(svdd_)})
    EXPECT_NE(text.find(part), std::string::npos) << part;
}

TEST_F(Compare, WorksForOneRecordAndForAnalogOnesAlone) {
  EXPECT_NE(compared({make("cpu.h5", svdd_, {digital(1, 4e-6, 1e-6)})}).find("a CPU"),
            std::string::npos);
  EXPECT_NE(compared({make("chip.h5", svdd_, {analog(1, 1e-7, 1e-6)})}).find("no digital record"),
            std::string::npos);
}

TEST_F(Compare, WritesCsvAndARecordAndOverwritesNeitherUnasked) {
  auto const cpu = make("cpu.h5", svdd_, {digital(1, 4e-6, 1e-6)});
  auto const chip = make("chip.h5", svdd_, {analog(1, 1e-6, 1e-6)});
  Call call;
  call.csv = (folder_ / "table.csv").string();
  call.output = (folder_ / "joined.h5").string();
  compared({cpu, chip}, call);
  EXPECT_GT(fs::file_size(call.csv), 100u);
  auto const joined = core::H5File::open(call.output);
  EXPECT_EQ(core::read_network(joined).digest, models::digest(svdd_));
  EXPECT_EQ(core::read_points(joined).size(), 2u);
  EXPECT_DOUBLE_EQ(joined.read<double>("/result/comparison/energy_to_best_value")[1], 4);
  EXPECT_NE(refusal([&] { compared({cpu, chip}, call); }).find("exists"), std::string::npos);
  call.csv = (folder_ / "no_such_folder" / "table.csv").string();
  call.output = "";
  EXPECT_NE(refusal([&] { compared({cpu}, call); }).find("no_such_folder"), std::string::npos);
}

TEST_F(Compare, AnotherGraphIsRefusedNamingBothFilesAndDigests) {
  auto const other = models::autoencoder();
  auto const a = make("a.h5", svdd_, {digital(1, 1e-6, 1e-6)}),
             b = make("b.h5", other, {analog(1, 1e-6, 1e-6)});
  auto const message = refusal([&] { compared({a, b}); });
  for (auto const& part : {a.string(), b.string(), models::digest(svdd_), models::digest(other)})
    EXPECT_NE(message.find(part), std::string::npos) << message;
}

TEST_F(Compare, FilesThatHoldNoPointsOrNoRecordAreRefusedByName) {
  auto const bare = make("bare.h5", svdd_, {});
  EXPECT_NE(refusal([&] { compared({bare}); }).find(bare.string()), std::string::npos);
  auto const text = folder_ / "text.h5";
  std::ofstream(text) << "this is no HDF5 file";
  EXPECT_NE(refusal([&] { compared({text}); }).find(text.string()), std::string::npos);
  auto const absent = folder_ / "absent.h5";
  EXPECT_NE(refusal([&] { compared({absent}); }).find(absent.string()), std::string::npos);
  auto const foreign = folder_ / "foreign.h5";
  {
    auto file = core::H5File::create(foreign);
    file.write("/numbers", std::vector<double>{1, 2, 3}, {"1", "not ours"});
    file.commit();
  }
  EXPECT_NE(refusal([&] { compared({foreign}); }).find(foreign.string()), std::string::npos);
}

/// A bit flipped in the joules must not become another ratio: the checksum finds it.
TEST_F(Compare, ADamagedRecordIsRefused) {
  auto const path = make("cpu.h5", svdd_, {digital(1, 1.2345678e-6, 1e-6)});
  std::ifstream in(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), {});
  double const joules = 1.2345678e-6;
  std::string const wanted(reinterpret_cast<char const*>(&joules), sizeof joules);
  auto const at = bytes.find(wanted);
  ASSERT_NE(at, std::string::npos);
  bytes[at + 3] = static_cast<char>(bytes[at + 3] ^ 0x10);
  std::ofstream(path, std::ios::binary) << bytes;
  auto const message = refusal([&] { compared({path}); }, core::ExitCode::damaged);
  EXPECT_NE(message.find(path.string()), std::string::npos) << message;
}

TEST_F(Compare, UnknownKeysAndChoicesAreRefused) {
  auto const cpu = make("cpu.h5", svdd_, {digital(1, 4e-6, 1e-6)});
  Call misspelt;
  misspelt.config = core::Config::from_text("boundery = \"chip\"", "rules.toml");
  EXPECT_NE(refusal([&] { compared({cpu}, misspelt); }).find("boundary"), std::string::npos);
  Call unknown;
  unknown.config = core::Config::from_text("boundary = \"rack\"", "rules.toml");
  EXPECT_NE(refusal([&] { compared({cpu}, unknown); }).find("system"), std::string::npos);
}

}  // namespace
}  // namespace crossjoule::drivers
