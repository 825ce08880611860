// SPDX-License-Identifier: BSD-3-Clause
// Products alone, beside CBLAS where it was found: why plans use our own kernels. The small shapes
// are the SVDD layers, the large ones those of the AFNO forecaster (`--benchmark_filter=large`).
// The share of the core's peak is a line's GFLOP/s over that of peak_fma.
#include "core/aligned_vector.hpp"
#include "experiments/bench/peak_fma.hpp"
#include "kernels/cpu/dense.hpp"
#include "kernels/cpu/layer_norm.hpp"
#include "kernels/cpu/simd.hpp"

#include <benchmark/benchmark.h>
#include <algorithm>
#ifdef CROSSJOULE_HAS_CBLAS
#include <cblas.h>
extern "C" void openblas_set_num_threads(int);
#endif

namespace {

namespace cpu = crossjoule::kernels::cpu;
using crossjoule::kernels::Epilogue;
using crossjoule::kernels::Fused;

/// Lines of memory, as plans allocate them.
using Numbers = crossjoule::core::AlignedVector<float>;

/// Numbers in (-1, 1) without a pattern: zeros and constants would flatter some kernels.
Numbers numbers(std::int64_t count) {
  Numbers values(count);
  std::uint32_t state = 1;
  for (float& value : values) {
    state = state * 1664525U + 1013904223U;
    value = static_cast<float>(state >> 8) / (1U << 23) - 1;
  }
  return values;
}

struct Operands {
  std::int64_t rows, depth, columns, x_stride, y_stride;
  Numbers x, weight, y, dw, packed, packed_transposed, scratch;

  explicit Operands(benchmark::State const& state)
      : rows(state.range(0)),
        depth(state.range(1)),
        columns(state.range(2)),
        x_stride(cpu::good_stride<float>(depth)),
        y_stride(cpu::good_stride<float>(columns)),
        x(numbers(rows * x_stride)),
        weight(numbers(columns * depth)),
        y(numbers(rows * y_stride)),
        dw(columns * depth),
        packed(cpu::packed_size<float>(columns, depth)),
        packed_transposed(cpu::packed_size<float>(depth, columns)),
        scratch(cpu::outer_scratch<float>()) {
    cpu::pack<float>(weight.data(), nullptr, columns, depth, packed.data());
    cpu::pack_transposed<float>(weight.data(), columns, depth, packed_transposed.data());
  }
};

void count(benchmark::State& state, double flops) {
  state.counters["GFLOP/s"] = benchmark::Counter(
      1e-9 * flops * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
void count(benchmark::State& state, Operands const& o) {
  count(state, 2 * static_cast<double>(o.rows * o.depth * o.columns));
}

void peak_fma(benchmark::State& state) {
  std::int64_t flops = 0;
  for (auto _ : state) flops = crossjoule::bench::peak_fma(1000);
  count(state, static_cast<double>(flops));
}

/// As kernels::linear does it: rows in tiles that stay in the second cache.
void multiply(cpu::Product<float> const& all) {
  for (std::int64_t row = 0; row < all.rows; row += cpu::rows_per_tile()) {
    cpu::Product<float> tile = all;
    tile.rows = std::min(cpu::rows_per_tile(), all.rows - row);
    tile.x += row * all.x_stride;
    tile.y += row * all.y_stride;
    cpu::multiply(tile);
  }
}
void forward(benchmark::State& state, Fused epilogue) {
  Operands o(state);
  for (auto _ : state)
    multiply({.rows = o.rows,
              .depth = o.depth,
              .columns = o.columns,
              .x = o.x.data(),
              .x_stride = o.x_stride,
              .packed = o.packed.data(),
              .y = o.y.data(),
              .y_stride = o.y_stride,
              .epilogue = epilogue});
  count(state, o);
}
void forward_own(benchmark::State& state) { forward(state, {}); }
void forward_gelu_own(benchmark::State& state) { forward(state, {Epilogue::gelu, 1}); }

void input_gradient_own(benchmark::State& state) {
  Operands o(state);
  for (auto _ : state)
    multiply({.rows = o.rows,
              .depth = o.columns,
              .columns = o.depth,
              .x = o.y.data(),
              .x_stride = o.y_stride,
              .packed = o.packed_transposed.data(),
              .y = o.x.data(),
              .y_stride = o.x_stride});
  count(state, o);
}

void weight_gradient_own(benchmark::State& state) {
  Operands o(state);
  for (auto _ : state)
    cpu::outer<float>({.rows = o.rows,
                       .outputs = o.columns,
                       .first = 0,
                       .last = o.depth,
                       .dy = o.y.data(),
                       .dy_stride = o.y_stride,
                       .x = o.x.data(),
                       .x_stride = o.x_stride,
                       .dw = o.dw.data(),
                       .dw_stride = o.depth,
                       .scratch = o.scratch.data()});
  count(state, o);
}

#ifdef CROSSJOULE_HAS_CBLAS
void forward_cblas(benchmark::State& state) {
  Operands o(state);
  openblas_set_num_threads(1);
  for (auto _ : state)
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, o.rows, o.columns, o.depth, 1, o.x.data(),
                o.x_stride, o.weight.data(), o.depth, 0, o.y.data(), o.y_stride);
  count(state, o);
}

void weight_gradient_cblas(benchmark::State& state) {
  Operands o(state);
  openblas_set_num_threads(1);
  for (auto _ : state)
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, o.columns, o.depth, o.rows, 1, o.y.data(),
                o.y_stride, o.x.data(), o.x_stride, 0, o.dw.data(), o.depth);
  count(state, o);
}
#endif

/// Rows of `columns` numbers: bytes read and written say how far from the memory's speed it is.
struct Matrices {
  std::int64_t rows, columns;
  Numbers x, y, gain, sums;
  explicit Matrices(benchmark::State const& state)
      : rows(state.range(0)),
        columns(state.range(1)),
        x(numbers(rows * columns)),
        y(numbers(rows * columns)),
        gain(numbers(columns)),
        sums(2 * columns) {}
  cpu::Matrix<float const> read() const { return {x.data(), rows, columns, columns}; }
  cpu::Matrix<float> written() { return {y.data(), rows, columns, columns}; }
  void count(benchmark::State& state, int passes) const {
    state.SetBytesProcessed(state.iterations() * passes * rows * columns *
                            static_cast<std::int64_t>(sizeof(float)));
  }
};
void pointwise(benchmark::State& state, Epilogue kind) {
  Matrices m(state);
  for (auto _ : state) cpu::activate<float>({kind, 0.01}, m.read(), m.read(), m.written());
  m.count(state, is_gradient(kind) ? 3 : 2);
}
void layer_norm_own(benchmark::State& state) {
  Matrices m(state);
  for (auto _ : state)
    cpu::layer_norm<float>(m.read(), m.gain.data(), m.gain.data(), 1e-6F, m.written());
  m.count(state, 2);
}
void layer_norm_gradient_own(benchmark::State& state) {
  Matrices m(state);
  for (auto _ : state)
    cpu::layer_norm_gradient<float>({.x = m.read(),
                                     .gain = m.gain.data(),
                                     .epsilon = 1e-6F,
                                     .dy = m.read(),
                                     .dx = m.written(),
                                     .into = cpu::Into::replace,
                                     .sums = m.sums.data()});
  m.count(state, 3);
}

void layers(benchmark::internal::Benchmark* benchmark) {
  for (int const rows : {1, 10, 120, 1024})
    for (auto const& [depth, columns] : {std::pair{76, 512}, {512, 256}, {256, 128}, {57, 32}})
      benchmark->Args({rows, depth, columns});
}
/// The standard network: tokens of one sample; both layers of the perceptron, patches, head, and
/// a block of the spectral layers (8 blocks of 4,140 modes).
void large(benchmark::internal::Benchmark* benchmark) {
  for (auto const& [depth, columns] :
       {std::pair{768, 3072}, {3072, 768}, {1280, 768}, {768, 1280}, {256, 1024}, {1024, 256}})
    benchmark->Args({16200, depth, columns});
  benchmark->Args({4140, 192, 192});
}
void tokens(benchmark::internal::Benchmark* benchmark) { benchmark->Args({16200, 768}); }

BENCHMARK(peak_fma)->Name("peak_fma/large");
BENCHMARK(forward_own)->Apply(layers);
BENCHMARK(weight_gradient_own)->Apply(layers);
BENCHMARK(forward_own)->Name("forward_own/large")->Apply(large);
BENCHMARK(forward_gelu_own)->Name("forward_gelu_own/large")->Apply(large);
BENCHMARK(input_gradient_own)->Name("input_gradient_own/large")->Apply(large);
BENCHMARK(weight_gradient_own)->Name("weight_gradient_own/large")->Apply(large);
BENCHMARK_CAPTURE(pointwise, gelu, Epilogue::gelu)->Name("gelu/large")->Apply(tokens);
BENCHMARK_CAPTURE(pointwise, gelu_gradient, Epilogue::gelu_gradient)
    ->Name("gelu_gradient/large")
    ->Apply(tokens);
BENCHMARK(layer_norm_own)->Name("layer_norm_own/large")->Apply(tokens);
BENCHMARK(layer_norm_gradient_own)->Name("layer_norm_gradient_own/large")->Apply(tokens);
#ifdef CROSSJOULE_HAS_CBLAS
BENCHMARK(forward_cblas)->Apply(layers);
BENCHMARK(weight_gradient_cblas)->Apply(layers);
BENCHMARK(forward_cblas)->Name("forward_cblas/large")->Apply(large);
BENCHMARK(weight_gradient_cblas)->Name("weight_gradient_cblas/large")->Apply(large);
#endif

}  // namespace

BENCHMARK_MAIN();
