// SPDX-License-Identifier: BSD-3-Clause
#include "core/record.hpp"

#include "core/testing/expect_error.hpp"
#include "core/testing/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <algorithm>

namespace crossjoule::core {
namespace {

using testing::wrong_outcome;

TEST(Record, HoldsWhatMadeIt) {
  testing::TemporaryFolder folder;
  Config config = Config::from_text("a = 1  # why\n", "study.toml");
  config.set("b=2");
  Record record(folder / "r.h5", "infer", config, Overwrite::no);
  EXPECT_FALSE(std::filesystem::exists(folder / "r.h5"));  // nothing visible before commit
  record.network({"svdd", "00ff", 205'000, 204'000}, "node 0 input\n");
  record.quantity("/result/energy",
                  Quantity<Joules>{Joules{1}, Joules{2}, Joules{3}, Kind::modelled}, "all of it");
  record.quantity("/result/nothing", Quantity<Joules>{}, "no sensor");
  record.commit();

  H5File const file = H5File::open(folder / "r.h5");
  file.check_digests();
  EXPECT_EQ(file.read_attribute_text("/meta", "format"), "crossjoule-record");
  EXPECT_EQ(file.read_attribute_integer("/meta", "format_version"), Record::format_version);
  EXPECT_EQ(file.read_attribute_text("/meta", "verb"), "infer");
  EXPECT_NE(file.read_attribute_text("/meta", "command").find("core_tests"), std::string::npos);
  EXPECT_EQ(file.read_text("/input/config"), "a = 1  # why\n# --set b=2\n");
  EXPECT_NE(file.read_attribute_text("/build", "version"), "");
  EXPECT_NE(file.read_attribute_text("/system", "cpu_model"), "");
  EXPECT_EQ(file.read_attribute_number("/result/energy", "high"), 3);
  EXPECT_EQ(file.read_attribute_text("/result/energy", "unit"), "J");
  EXPECT_EQ(file.read_attribute_text("/result/nothing", "kind"), "absent");
  EXPECT_FALSE(file.has_attribute("/result/nothing", "value"));  // absent is never 0
  NetworkIdentity const network = read_network(file);
  EXPECT_EQ(network.name, "svdd");
  EXPECT_EQ(network.digest, "00ff");
  EXPECT_EQ(network.params, 205'000);
  EXPECT_EQ(network.macs, 204'000);
  EXPECT_EQ(file.read_text("/graph/text"), "node 0 input\n");
}

TEST(Record, RefusesAnExistingOutputBeforeAnyWork) {
  testing::TemporaryFolder folder;
  Record(folder / "r.h5", "infer", Config(), Overwrite::no).commit();
  EXPECT_EQ(wrong_outcome(ExitCode::bad_input, "--force",
                          [&] { Record(folder / "r.h5", "infer", Config(), Overwrite::no); }),
            "");
}

TEST(Record, AFailedRunLeavesItsError) {
  testing::TemporaryFolder folder;
  Record::leave_error(folder / "r.h5", "train", Config(), 4, "loss is NaN");
  EXPECT_FALSE(std::filesystem::exists(folder / "r.h5"));
  H5File const file = H5File::open(folder / "r.failed.h5");
  EXPECT_EQ(file.read_attribute_integer("/error", "exit_code"), 4);
  EXPECT_EQ(file.read_attribute_text("/error", "message"), "loss is NaN");
}

TEST(Record, AFileWithoutANetworkIsRefused) {
  testing::TemporaryFolder folder;
  Record(folder / "r.h5", "devices", Config(), Overwrite::no).commit();
  EXPECT_EQ(wrong_outcome(ExitCode::bad_input, "no network",
                          [&] { read_network(H5File::open(folder / "r.h5")); }),
            "");
}

}  // namespace
}  // namespace crossjoule::core
