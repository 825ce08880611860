// SPDX-License-Identifier: BSD-3-Clause
// Files that others wrote, made here with the HDF5 library itself.
#include "core/h5file.hpp"
#include "core/testing/expect_error.hpp"
#include "core/testing/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <hdf5.h>
#include <functional>

namespace crossjoule::core {
namespace {

using testing::wrong_outcome;

class Foreign : public ::testing::Test {
 protected:
  std::filesystem::path make(std::function<void(hid_t)> const& fill) {
    std::filesystem::path const path = folder_ / "foreign.h5";
    hid_t const file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    fill(file);
    H5Fclose(file);
    return path;
  }
  static void add_dataset(hid_t file, char const* name, hid_t type,
                          std::vector<hsize_t> const& extents, hid_t properties,
                          void const* values) {
    hid_t const space = H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr);
    hid_t const dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    if (values) H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    H5Dclose(dataset);
    H5Sclose(space);
  }
  std::string refused(std::filesystem::path const& path, std::string const& part) {
    return wrong_outcome(ExitCode::bad_input, part, [&] { H5File::open(path); });
  }
  testing::TemporaryFolder folder_;
};

TEST_F(Foreign, PlainDatasetsOfOldFormatsAreRead) {
  double const values[6] = {1, 2, 3, 4, 5, 6};
  auto const path = make([&](hid_t file) {
    add_dataset(file, "x", H5T_NATIVE_DOUBLE, {2, 3}, H5P_DEFAULT, values);
  });
  H5File const file = H5File::open(path);
  file.check_digests();  // without a digest: read through
  EXPECT_EQ(file.read<float>("/x"), (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(file.type_name("x"), "float64");
}

TEST_F(Foreign, BigEndianAndVariableLengthAreRead) {
  auto const path = make([&](hid_t file) {
    std::int16_t const numbers[2] = {1, -2};
    hid_t const space = H5Screate(H5S_SCALAR);
    hsize_t const two = 2;
    hid_t const pair = H5Screate_simple(1, &two, nullptr);
    hid_t const big =
        H5Dcreate2(file, "big", H5T_STD_I16BE, pair, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(big, H5T_NATIVE_INT16, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers);
    H5Dclose(big);
    hid_t const text = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, H5T_VARIABLE);
    char const* words[2] = {"first", "second word"};
    hid_t const strings =
        H5Dcreate2(file, "words", text, pair, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(strings, text, H5S_ALL, H5S_ALL, H5P_DEFAULT, words);
    hid_t const note = H5Acreate2(strings, "note", text, space, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(note, text, words);
    H5Aclose(note);
    H5Dclose(strings);
    H5Sclose(pair);
    H5Sclose(space);
    H5Tclose(text);
  });
  H5File const file = H5File::open(path);
  file.check_digests();
  EXPECT_EQ(file.read<std::int32_t>("/big"), (std::vector<std::int32_t>{1, -2}));
  EXPECT_EQ(file.read_strings("/words"), (std::vector<std::string>{"first", "second word"}));
  EXPECT_EQ(file.read_attribute_text("/words", "note"), "first");
}

TEST_F(Foreign, LinksOutOfTheFileAreRefused) {
  auto const path = make([](hid_t file) {
    H5Lcreate_external("/etc/passwd", "/x", file, "out", H5P_DEFAULT, H5P_DEFAULT);
  });
  EXPECT_EQ(refused(path, "/out is an external"), "");
}

TEST_F(Foreign, LinksOutOfADeepGroupAreRefused) {
  auto const path = make([](hid_t file) {
    hid_t const group = H5Gcreate2(file, "a", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external("other.h5", "/x", group, "out", H5P_DEFAULT, H5P_DEFAULT);
    H5Gclose(group);
  });
  EXPECT_EQ(refused(path, "/a/out is an external"), "");
}

TEST_F(Foreign, ExternalStorageIsRefused) {
  auto const path = make([](hid_t file) {
    hid_t const properties = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_external(properties, "/etc/hostname", 0, 8);
    add_dataset(file, "x", H5T_NATIVE_DOUBLE, {1}, properties, nullptr);
    H5Pclose(properties);
  });
  EXPECT_EQ(refused(path, "external storage"), "");
}

TEST_F(Foreign, VirtualDatasetsAreRefused) {
  auto const path = make([](hid_t file) {
    hsize_t const extent = 4;
    hid_t const space = H5Screate_simple(1, &extent, nullptr);
    hid_t const properties = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_virtual(properties, space, "other.h5", "/x", space);
    add_dataset(file, "x", H5T_NATIVE_DOUBLE, {4}, properties, nullptr);
    H5Pclose(properties);
    H5Sclose(space);
  });
  EXPECT_EQ(refused(path, "virtual"), "");
}

TEST_F(Foreign, SizesAreCheckedBeforeMemoryIsTaken) {
  auto const path = make([](hid_t file) {
    hid_t const properties = H5Pcreate(H5P_DATASET_CREATE);
    hsize_t const chunk[2] = {16, 16};
    H5Pset_chunk(properties, 2, chunk);
    add_dataset(file, "large", H5T_NATIVE_DOUBLE, {1'000'000, 1'000'000}, properties, nullptr);
    add_dataset(file, "absurd", H5T_NATIVE_DOUBLE, {hsize_t{1} << 40, hsize_t{1} << 40}, properties,
                nullptr);
    H5Pclose(properties);
  });
  H5File const file = H5File::open(path);
  EXPECT_EQ(wrong_outcome(ExitCode::damaged, "needs 1000000000000 x 8 bytes",
                          [&] { file.read<double>("/large"); }),
            "");
  EXPECT_EQ(
      wrong_outcome(ExitCode::damaged, "impossible shape", [&] { file.read<double>("/absurd"); }),
      "");
}

TEST_F(Foreign, LinksInACircleEnd) {
  auto const path = make([](hid_t file) {
    hid_t const group = H5Gcreate2(file, "a", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_hard(file, "/", group, "up", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/nowhere", file, "dangling", H5P_DEFAULT, H5P_DEFAULT);
    H5Gclose(group);
  });
  H5File const file = H5File::open(path);
  EXPECT_EQ(file.all_names(), (std::vector<std::string>{"/a"}));
  EXPECT_FALSE(file.exists("/dangling"));
}

}  // namespace
}  // namespace crossjoule::core
