// SPDX-License-Identifier: BSD-3-Clause
// Every grid kernel of AFNO on its own input from the reference files, forward and backward: the
// error of a step is not that of the steps before it.
#include "core/error.hpp"
#include "core/h5file.hpp"
#include "kernels/activation.hpp"
#include "kernels/complex_linear.hpp"
#include "kernels/fourier.hpp"
#include "kernels/objectives.hpp"
#include "kernels/patches.hpp"
#include "tests/kernels/support.hpp"

#include <filesystem>
#include <utility>

namespace crossjoule::kernels {
namespace {

using Space = HostSpace;

/// The tolerances the README of the files gives.
template <class T>
constexpr double allowed_values = sizeof(T) == 4 ? 2e-6 : 1e-11;
template <class T>
constexpr double allowed_gradients = sizeof(T) == 4 ? 5e-6 : 1e-11;

/// A reference file, and the numbers of one step in it.
template <class T>
struct Steps {
  core::H5File file;
  PatchGrid in, out;
  FourierGrid grid;
  std::int64_t samples, depth, points, modes;
  Fused shrink;

  explicit Steps(std::filesystem::path const& path) : file(core::H5File::open(path)) {
    samples = number("batch");
    depth = number("depth");
    in = {number("c_in"), number("img_h"), number("img_w"), number("patch")};
    out = in;
    out.channels = number("c_out");
    grid = {.rows = number("tokens_h"),
            .columns = number("tokens_w"),
            .first_row = number("kept_row_begin"),
            .kept_rows = number("kept_row_end") - number("kept_row_begin"),
            .kept_columns = number("kept_cols"),
            .blocks = number("blocks"),
            .features = number("embed")};
    points = samples * grid.rows * grid.columns;
    modes = samples * grid.kept_rows * grid.kept_columns * grid.blocks;
    shrink = {Epilogue::soft_shrink, file.read_attribute_number("/", "softshrink_lambda")};
  }
  std::int64_t number(char const* name) const { return file.read_attribute_integer("/", name); }
  std::int64_t width() const { return grid.features / grid.blocks; }
  std::vector<T> read(std::string const& name) const {
    auto const all = file.read<double>(name);
    return std::vector<T>(all.begin(), all.end());
  }
  /// A spectrum (mode, block, part) from its two datasets "<name>_re" and "<name>_im".
  template <class U = T>
  std::vector<U> spectrum(std::string const& name) const {
    auto const re = file.read<double>(name + "_re"), im = file.read<double>(name + "_im");
    std::vector<U> all;
    for (std::size_t at = 0; at < re.size(); at += width())
      for (auto const* part : {&re, &im})
        for (std::int64_t k = 0; k < width(); ++k) all.push_back(static_cast<U>((*part)[at + k]));
    return all;
  }
};

template <class T>
Rows<Space, T const> rows_of(std::vector<T> const& all, std::int64_t rows) {
  std::int64_t const columns = static_cast<std::int64_t>(all.size()) / rows;
  return rows_view<Space, T const>(all.data(), rows, columns, columns);
}
template <class T>
Rows<Space, T> rows_of(std::vector<T>& all, std::int64_t rows) {
  std::int64_t const columns = static_cast<std::int64_t>(all.size()) / rows;
  return rows_view<Space, T>(all.data(), rows, columns, columns);
}
template <class T>
Row<Space, T> row_of(std::vector<T>& all) {
  return row_view<Space, T>(all.data(), all.size());
}

template <class T>
Row<Space, T const> row_of(std::vector<T> const& all) {
  return row_view<Space, T const>(all.data(), all.size());
}

template <class T>
double norm_error(std::vector<T> const& got, std::vector<double> const& want) {
  std::vector<double> const numbers(got.begin(), got.end());
  return got.size() == want.size() ? std::sqrt(testing::nmse(numbers, want)) : INFINITY;
}

template <class T>
class GoldenSteps : public ::testing::Test {
 protected:
  static constexpr std::array<char const*, 2> names{"afno-32x64.h5", "afno-24x40.h5"};
  static std::filesystem::path path(char const* name) {
    return std::filesystem::path(CROSSJOULE_SHARED_DIR) / "data/golden" / name;
  }
  void SetUp() override {
    for (char const* name : names)
      if (!std::filesystem::exists(path(name)))
        GTEST_SKIP() << path(name) << " is absent: nothing to compare with";
  }
};
using Numbers = ::testing::Types<float, double>;
TYPED_TEST_SUITE(GoldenSteps, Numbers);

TYPED_TEST(GoldenSteps, EmbeddingAndItsGradients) {
  using T = TypeParam;
  for (char const* name : this->names) {
    Steps<T> const s(this->path(name));
    auto const images = s.read("input"), w = s.read("parameters/patch.w"),
               b = s.read("parameters/patch.b"), position = s.read("parameters/pos_embed"),
               dy = s.read("activation_gradients/embed");
    std::int64_t const features = s.in.features(), embed = s.grid.features;
    std::vector<T> packed(packed_size<Space, T>(embed, features)),
        transposed(packed_size<Space, T>(features, embed)),
        scratch(patch_embed_scratch<Space, T>(Space(), s.in, s.samples)), y(s.points * embed),
        dw(w.size()), db(b.size()), dposition(position.size()), dimages(images.size());
    LinearWeights<Space, T> const weights{rows_of(w, embed), row_of(b), row_of(packed),
                                          row_of(transposed)};
    pack<Space, T>(Space(), weights);
    patch_embed<Space, T>(Space(), s.samples, s.in, rows_of(images, s.samples), weights,
                          row_of(position), rows_of(y, s.points), row_of(scratch));
    EXPECT_LE(norm_error(y, s.file.template read<double>("activations/embed")), allowed_values<T>);
    patch_embed_gradient<Space, T>(Space(), s.samples, s.in, rows_of(images, s.samples), weights,
                                   rows_of(dy, s.points), Gradient::replace, row_of(dposition),
                                   rows_of(dw, embed), row_of(db), rows_of(dimages, s.samples),
                                   Gradient::replace, row_of(scratch));
    auto const check = [&](std::vector<T> const& got, char const* dataset) {
      EXPECT_LE(norm_error(got, s.file.template read<double>(dataset)), allowed_gradients<T>)
          << dataset;
    };
    check(dw, "gradients/patch.w");
    check(db, "gradients/patch.b");
    check(dposition, "gradients/pos_embed");
    check(dimages, "input_gradient");
  }
}

TYPED_TEST(GoldenSteps, TransformsAndTheirGradients) {
  using T = TypeParam;
  for (char const* name : this->names) {
    Steps<T> const s(this->path(name));
    FourierTables<Space, T> const tables(Space(), s.grid);
    std::vector<T> scratch(fourier_scratch<Space, T>(Space(), s.grid, s.samples));
    for (std::int64_t d = 0; d < s.depth; ++d) {
      std::string const block = fmt::format("activations/block{}.", d);
      auto const norm1 = s.read(block + "norm1"), filtered = s.spectrum(block + "filtered");
      std::vector<T> spectrum(filtered.size()), y(norm1.size());
      fourier_transform<Space, T>(Space(), tables, s.samples, rows_of(norm1, s.points),
                                  rows_of(spectrum, s.modes), row_of(scratch));
      EXPECT_LE(norm_error(spectrum, s.template spectrum<double>(block + "spectrum")),
                allowed_values<T>);
      inverse_fourier_transform<Space, T>(Space(), tables, s.samples, rows_of(filtered, s.modes),
                                          rows_of(y, s.points), row_of(scratch));
      for (std::size_t n = 0; n < y.size(); ++n) y[n] += norm1[n];
      EXPECT_LE(norm_error(y, s.file.template read<double>(block + "filter_out")),
                allowed_values<T>);
      std::string const gradient = fmt::format("activation_gradients/block{}.", d);
      auto const dy = s.read(gradient + "filter_out");
      inverse_fourier_transform_gradient<Space, T>(Space(), tables, s.samples,
                                                   rows_of(dy, s.points), Gradient::replace,
                                                   rows_of(spectrum, s.modes), row_of(scratch));
      EXPECT_LE(norm_error(spectrum, s.template spectrum<double>(gradient + "filtered")),
                allowed_gradients<T>);
    }
  }
}

/// Both complex layers, each from the file's own input; backward through both to the norm.
TYPED_TEST(GoldenSteps, ComplexLayersAndTheirGradients) {
  using T = TypeParam;
  for (char const* name : this->names) {
    Steps<T> const s(this->path(name));
    std::int64_t const width = s.width(), blocks = s.grid.blocks;
    FourierTables<Space, T> const tables(Space(), s.grid);
    std::vector<T> fourier_room(fourier_scratch<Space, T>(Space(), s.grid, s.samples));
    std::vector<T> scratch(
        complex_weight_gradient_scratch<Space, T>(Space(), blocks, width, width));
    for (std::int64_t d = 0; d < s.depth; ++d) {
      std::string const block = fmt::format("block{}.", d);
      struct Layer {
        std::vector<T> w, b, packed, transposed, dw, db;
        ComplexWeights<Space, T> weights;
      };
      std::array<Layer, 2> layers;
      for (int k = 0; k < 2; ++k) {
        Layer& layer = layers[k];
        layer.w = s.read(fmt::format("parameters/{}w{}", block, k + 1));
        layer.b = s.read(fmt::format("parameters/{}b{}", block, k + 1));
        layer.packed.resize(complex_packed_size<Space, T>(blocks, width, width));
        layer.transposed.resize(complex_transposed_size<Space, T>(blocks, width, width));
        layer.dw.resize(layer.w.size());
        layer.db.resize(layer.b.size());
        layer.weights = {blocks,
                         width,
                         width,
                         row_of(layer.w),
                         row_of(layer.b),
                         row_of(layer.packed),
                         row_of(layer.transposed)};
        pack<Space, T>(Space(), layer.weights);
      }
      auto const spectrum = s.spectrum("activations/" + block + "spectrum"),
                 hidden = s.spectrum("activations/" + block + "hidden"),
                 filtered = s.spectrum("activations/" + block + "filtered");
      std::vector<T> got(spectrum.size());
      complex_linear<Space, T>(Space(), rows_of(spectrum, s.modes), layers[0].weights,
                               {Epilogue::relu}, rows_of(got, s.modes));
      EXPECT_LE(norm_error(got, s.template spectrum<double>("activations/" + block + "hidden")),
                allowed_values<T>);
      complex_linear<Space, T>(Space(), rows_of(hidden, s.modes), layers[1].weights, s.shrink,
                               rows_of(got, s.modes));
      EXPECT_LE(norm_error(got, s.template spectrum<double>("activations/" + block + "filtered")),
                allowed_values<T>);

      auto dfiltered = s.spectrum("activation_gradients/" + block + "filtered");
      activate<Space, T>(Space(), {Epilogue::soft_shrink_gradient}, rows_of(dfiltered, s.modes),
                         rows_of(filtered, s.modes), rows_of(dfiltered, s.modes));
      std::vector<T> dhidden(spectrum.size()), dspectrum(spectrum.size());
      auto const learn = [&](Layer& layer, std::vector<T> const& x, std::vector<T> const& dy) {
        complex_linear_weight_gradient<Space, T>(Space(), rows_of(x, s.modes), rows_of(dy, s.modes),
                                                 layer.weights, Gradient::replace, row_of(layer.dw),
                                                 row_of(layer.db), row_of(scratch));
      };
      learn(layers[1], hidden, dfiltered);
      complex_linear_input_gradient<Space, T>(Space(), rows_of(std::as_const(dfiltered), s.modes),
                                              layers[1].weights, {Epilogue::relu_gradient},
                                              rows_of(hidden, s.modes), Gradient::replace,
                                              rows_of(dhidden, s.modes));
      learn(layers[0], spectrum, dhidden);
      complex_linear_input_gradient<Space, T>(Space(), rows_of(std::as_const(dhidden), s.modes),
                                              layers[0].weights, {}, {}, Gradient::replace,
                                              rows_of(dspectrum, s.modes));
      auto dnorm1 = s.read("activation_gradients/" + block + "filter_out");  // the inner skip
      fourier_transform_gradient<Space, T>(
          Space(), tables, s.samples, rows_of(std::as_const(dspectrum), s.modes), Gradient::add,
          rows_of(dnorm1, s.points), row_of(fourier_room));
      auto const check = [&](std::vector<T> const& result, std::string const& dataset) {
        EXPECT_LE(norm_error(result, s.file.template read<double>(dataset)), allowed_gradients<T>)
            << dataset;
      };
      for (int k = 0; k < 2; ++k) {
        check(layers[k].dw, fmt::format("gradients/{}w{}", block, k + 1));
        check(layers[k].db, fmt::format("gradients/{}b{}", block, k + 1));
      }
      check(dnorm1, "activation_gradients/" + block + "norm1");
    }
  }
}

TYPED_TEST(GoldenSteps, HeadAndLoss) {
  using T = TypeParam;
  for (char const* name : this->names) {
    Steps<T> const s(this->path(name));
    auto const x = s.read(fmt::format("activations/block{}.out", s.depth - 1)),
               w = s.read("parameters/head.w"), target = s.read("target"),
               output = s.read("output");
    std::int64_t const features = s.out.features();
    std::vector<T> packed(packed_size<Space, T>(features, s.grid.features)), y(s.points * features),
        images(output.size()), loss(s.samples), gradient(output.size());
    LinearWeights<Space, T> const weights{rows_of(w, features), {}, row_of(packed), {}};
    pack<Space, T>(Space(), weights);
    linear<Space, T>(Space(), rows_of(x, s.points), weights, {}, rows_of(y, s.points));
    patch_restore<Space, T>(Space(), s.samples, s.out, rows_of(std::as_const(y), s.points),
                            rows_of(images, s.samples));
    EXPECT_LE(norm_error(images, s.file.template read<double>("output")), allowed_values<T>);
    relative_error<Space, T>(Space(), s.samples, rows_of(output, s.samples),
                             rows_of(target, s.samples), {}, Gradient::replace, row_of(loss));
    double mean = 0;
    for (T const value : loss) mean += static_cast<double>(value) / static_cast<double>(s.samples);
    EXPECT_NEAR(mean, s.file.template read<double>("loss")[0], 10 * allowed_values<T>);
    relative_error_gradient<Space, T>(Space(), s.samples, rows_of(output, s.samples),
                                      rows_of(target, s.samples), {}, Gradient::replace,
                                      rows_of(gradient, s.samples));
    for (T& value : gradient) value /= static_cast<T>(s.samples);  // the file's is of the mean
    EXPECT_LE(norm_error(gradient, s.file.template read<double>("output_gradient")),
              allowed_gradients<T>);
    gradient[0] += static_cast<T>(1e-2);  // the twin that must fail
    EXPECT_GT(norm_error(gradient, s.file.template read<double>("output_gradient")),
              allowed_gradients<T>);
  }
}

}  // namespace
}  // namespace crossjoule::kernels
