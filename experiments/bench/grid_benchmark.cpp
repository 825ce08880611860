// SPDX-License-Identifier: BSD-3-Clause
// The grid kernels of AFNO alone, one thread: transforms, complex layer, patches, loss. Arguments
// are those of the standard network (90 x 180 tokens of 768 features) and of smaller ones.
#include "kernels/complex_linear.hpp"
#include "kernels/fourier.hpp"
#include "kernels/objectives.hpp"
#include "kernels/patches.hpp"
#include "kernels/session.hpp"

#include <benchmark/benchmark.h>
#include <cmath>
#include <vector>

namespace {

using namespace crossjoule::kernels;
using Space = HostSpace;

/// Numbers that are no zeros: products with zeros can be faster or slower than others.
std::vector<float> numbers(std::int64_t count) {
  std::vector<float> all(count);
  for (std::int64_t n = 0; n < count; ++n) all[n] = std::sin(0.7F * static_cast<float>(n % 10007));
  return all;
}
Row<Space, float> row(std::vector<float>& all) {
  return row_view<Space, float>(all.data(), all.size());
}
Rows<Space, float> rows(std::vector<float>& all, std::int64_t count) {
  std::int64_t const columns = static_cast<std::int64_t>(all.size()) / count;
  return rows_view<Space, float>(all.data(), count, columns, columns);
}
void rate(benchmark::State& state, double gflop) {
  state.counters["GFLOP/s"] = benchmark::Counter(gflop * static_cast<double>(state.iterations()),
                                                 benchmark::Counter::kIsRate);
}

/// Arguments: token rows, token columns, features, blocks; all rows and rows / 2 + 1 columns kept.
struct Spectrum {
  FourierGrid grid;
  std::int64_t points, modes;
  std::vector<float> x, spectrum, scratch;
  FourierTables<Space, float> tables;

  explicit Spectrum(benchmark::State const& state)
      : grid{.rows = state.range(0),
             .columns = state.range(1),
             .first_row = 0,
             .kept_rows = state.range(0),
             .kept_columns = std::min(state.range(0), state.range(1)) / 2 + 1,
             .blocks = state.range(3),
             .features = state.range(2)},
        points(grid.rows * grid.columns),
        modes(grid.kept_rows * grid.kept_columns * grid.blocks),
        x(numbers(points * grid.features)),
        spectrum(numbers(modes * 2 * grid.features / grid.blocks)),
        scratch(fourier_scratch<Space, float>(Space(), grid, 1)),
        tables(Space(), grid) {}
  /// By the convention 2.5 N log2 N.
  double gflop() const {
    auto const n = static_cast<double>(points);
    return 2.5e-9 * n * std::log2(n) * static_cast<double>(grid.features);
  }
};

void fourier_forward(benchmark::State& state) {
  Spectrum s(state);
  for (auto _ : state)
    fourier_transform<Space, float>(Space(), s.tables, 1, rows(s.x, s.points),
                                    rows(s.spectrum, s.modes), row(s.scratch));
  rate(state, s.gflop());
}
void fourier_inverse(benchmark::State& state) {
  Spectrum s(state);
  for (auto _ : state)
    inverse_fourier_transform<Space, float>(Space(), s.tables, 1, rows(s.spectrum, s.modes),
                                            rows(s.x, s.points), row(s.scratch));
  rate(state, s.gflop());
}

/// The complex layer on the kept modes, with ReLU.
struct Layer : Spectrum {
  std::int64_t width;
  std::vector<float> weight, bias, packed, transposed, y, dweight, dbias, room;
  ComplexWeights<Space, float> weights;

  explicit Layer(benchmark::State const& state)
      : Spectrum(state),
        width(grid.features / grid.blocks),
        weight(numbers(2 * grid.blocks * width * width)),
        bias(numbers(2 * grid.blocks * width)),
        packed(complex_packed_size<Space, float>(grid.blocks, width, width)),
        transposed(complex_transposed_size<Space, float>(grid.blocks, width, width)),
        y(numbers(spectrum.size())),
        dweight(weight.size()),
        dbias(bias.size()),
        room(complex_weight_gradient_scratch<Space, float>(Space(), grid.blocks, width, width)),
        weights{grid.blocks, width, width, row(weight), row(bias), row(packed), row(transposed)} {
    pack<Space, float>(Space(), weights);
  }
  double layer_gflop() const { return 8e-9 * static_cast<double>(modes * width * width); }
};
void complex_forward(benchmark::State& state) {
  Layer l(state);
  for (auto _ : state)
    complex_linear<Space, float>(Space(), rows(l.spectrum, l.modes), l.weights, {Epilogue::relu},
                                 rows(l.y, l.modes));
  rate(state, l.layer_gflop());
}
void complex_input_gradient(benchmark::State& state) {
  Layer l(state);
  for (auto _ : state)
    complex_linear_input_gradient<Space, float>(Space(), rows(l.y, l.modes), l.weights, {}, {},
                                                Gradient::replace, rows(l.spectrum, l.modes));
  rate(state, l.layer_gflop());
}
void complex_weight_gradient(benchmark::State& state) {
  Layer l(state);
  for (auto _ : state)
    complex_linear_weight_gradient<Space, float>(Space(), rows(l.spectrum, l.modes),
                                                 rows(l.y, l.modes), l.weights, Gradient::replace,
                                                 row(l.dweight), row(l.dbias), row(l.room));
  rate(state, l.layer_gflop());
}

/// Arguments: pixel rows, pixel columns, channels, patch, features.
struct Images {
  PatchGrid grid;
  std::int64_t out, points;
  std::vector<float> images, weight, bias, position, packed, transposed, y, dweight, scratch;
  LinearWeights<Space, float> weights;

  explicit Images(benchmark::State const& state)
      : grid{state.range(2), state.range(0), state.range(1), state.range(3)},
        out(state.range(4)),
        points(grid.tokens()),
        images(numbers(points * grid.features())),
        weight(numbers(out * grid.features())),
        bias(numbers(out)),
        position(numbers(points * out)),
        packed(packed_size<Space, float>(out, grid.features())),
        transposed(packed_size<Space, float>(grid.features(), out)),
        y(numbers(points * out)),
        dweight(weight.size()),
        scratch(patch_embed_scratch<Space, float>(Space(), grid, 1)),
        weights{rows(weight, out), row(bias), row(packed), row(transposed)} {
    pack<Space, float>(Space(), weights);
  }
  double gflop() const { return 2e-9 * static_cast<double>(points * out * grid.features()); }
};
void embed(benchmark::State& state) {
  Images i(state);
  for (auto _ : state)
    patch_embed<Space, float>(Space(), 1, i.grid, rows(i.images, 1), i.weights, row(i.position),
                              rows(i.y, i.points), row(i.scratch));
  rate(state, i.gflop());
}
void embed_gradient(benchmark::State& state) {
  Images i(state);
  for (auto _ : state)
    patch_embed_gradient<Space, float>(Space(), 1, i.grid, rows(i.images, 1), i.weights,
                                       rows(i.y, i.points), Gradient::replace, row(i.position),
                                       rows(i.dweight, i.out), row(i.bias), {}, Gradient::replace,
                                       row(i.scratch));
  rate(state, i.gflop());
}
void restore(benchmark::State& state) {
  Images i(state);
  std::vector<float> x = i.images;
  for (auto _ : state)
    patch_restore<Space, float>(Space(), 1, i.grid, rows(x, i.points), rows(i.images, 1));
}
void loss(benchmark::State& state) {
  Images i(state);
  std::vector<float> target = numbers(static_cast<std::int64_t>(i.images.size()) + 1), value(1);
  target.erase(target.begin());
  for (auto _ : state)
    relative_error<Space, float>(Space(), 1, rows(i.images, 1), rows(target, 1), {},
                                 Gradient::replace, row(value));
}

void modes_of_networks(benchmark::internal::Benchmark* all) {
  all->Args({90, 180, 768, 8})->Args({45, 90, 384, 8})->Args({45, 90, 256, 8});
  all->Args({16, 32, 256, 8})->Args({16, 32, 128, 8})->Unit(benchmark::kMillisecond);
}
void images_of_networks(benchmark::internal::Benchmark* all) {
  all->Args({720, 1440, 20, 8, 768})->Args({180, 360, 20, 4, 256})->Args({64, 128, 5, 4, 128});
  all->Unit(benchmark::kMillisecond);
}
BENCHMARK(fourier_forward)->Apply(modes_of_networks);
BENCHMARK(fourier_inverse)->Apply(modes_of_networks);
BENCHMARK(complex_forward)->Apply(modes_of_networks);
BENCHMARK(complex_input_gradient)->Apply(modes_of_networks);
BENCHMARK(complex_weight_gradient)->Apply(modes_of_networks);
BENCHMARK(embed)->Apply(images_of_networks);
BENCHMARK(embed_gradient)->Apply(images_of_networks);
BENCHMARK(restore)->Apply(images_of_networks);
BENCHMARK(loss)->Apply(images_of_networks);

}  // namespace

int main(int argc, char** argv) {
  Session const session(Device::cpu);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
