// SPDX-License-Identifier: BSD-3-Clause
// Products of the SVDD layers alone, beside CBLAS where it was found: why plans use our own
// kernels.
#include "kernels/cpu/dense.hpp"

#include <benchmark/benchmark.h>
#include <vector>
#ifdef CROSSJOULE_HAS_CBLAS
#include <cblas.h>
extern "C" void openblas_set_num_threads(int);
#endif

namespace {

namespace cpu = crossjoule::kernels::cpu;

struct Operands {
  std::int64_t rows, depth, columns;
  std::vector<float> x, weight, y, dw, packed, packed_transposed, scratch;

  explicit Operands(benchmark::State const& state)
      : rows(state.range(0)),
        depth(state.range(1)),
        columns(state.range(2)),
        x(rows * depth, 0.5F),
        weight(columns * depth, 0.01F),
        y(rows * columns),
        dw(columns * depth),
        packed(cpu::packed_size<float>(columns, depth)),
        packed_transposed(cpu::packed_size<float>(depth, columns)),
        scratch(cpu::outer_scratch<float>()) {
    cpu::pack<float>(weight.data(), nullptr, columns, depth, packed.data());
    cpu::pack_transposed<float>(weight.data(), columns, depth, packed_transposed.data());
  }
};

void count(benchmark::State& state, Operands const& o) {
  state.counters["GFLOP/s"] =
      benchmark::Counter(2e-9 * static_cast<double>(o.rows * o.depth * o.columns) *
                             static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate);
}

void forward_own(benchmark::State& state) {
  Operands o(state);
  for (auto _ : state)
    cpu::multiply<float>({.rows = o.rows,
                          .depth = o.depth,
                          .columns = o.columns,
                          .x = o.x.data(),
                          .x_stride = o.depth,
                          .packed = o.packed.data(),
                          .y = o.y.data(),
                          .y_stride = o.columns});
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
                       .dy_stride = o.columns,
                       .x = o.x.data(),
                       .x_stride = o.depth,
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
                o.depth, o.weight.data(), o.depth, 0, o.y.data(), o.columns);
  count(state, o);
}

void weight_gradient_cblas(benchmark::State& state) {
  Operands o(state);
  openblas_set_num_threads(1);
  for (auto _ : state)
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, o.columns, o.depth, o.rows, 1, o.y.data(),
                o.columns, o.x.data(), o.depth, 0, o.dw.data(), o.depth);
  count(state, o);
}
#endif

void layers(benchmark::internal::Benchmark* benchmark) {
  for (int const rows : {1, 10, 120, 1024})
    for (auto const& [depth, columns] : {std::pair{76, 512}, {512, 256}, {256, 128}, {57, 32}})
      benchmark->Args({rows, depth, columns});
}
BENCHMARK(forward_own)->Apply(layers);
BENCHMARK(weight_gradient_own)->Apply(layers);
#ifdef CROSSJOULE_HAS_CBLAS
BENCHMARK(forward_cblas)->Apply(layers);
BENCHMARK(weight_gradient_cblas)->Apply(layers);
#endif

}  // namespace

BENCHMARK_MAIN();
