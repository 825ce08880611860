// SPDX-License-Identifier: BSD-3-Clause
#include "models/afno.hpp"
#include "models/build.hpp"
#include "tests/models/random_images.hpp"
#include "tests/runtime/plan/support.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<long> allocations{0};        ///< calls of operator new since the program began
std::atomic<std::size_t> overlooked{0};  ///< bytes up to which a call is not counted

void* counted_or_null(std::size_t size, std::size_t alignment) noexcept {
  if (size > overlooked) ++allocations;
  return alignment > alignof(std::max_align_t)
             ? std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment)
             : std::malloc(size);
}

void* counted(std::size_t size, std::size_t alignment) {
  void* const place = counted_or_null(size, alignment);
  if (!place) throw std::bad_alloc();
  return place;
}

}  // namespace

void* operator new(std::size_t size) { return counted(size, 1); }
void* operator new[](std::size_t size) { return counted(size, 1); }
void* operator new(std::size_t size, std::nothrow_t const&) noexcept {
  return counted_or_null(size, 1);
}
void* operator new[](std::size_t size, std::nothrow_t const&) noexcept {
  return counted_or_null(size, 1);
}
void* operator new(std::size_t size, std::align_val_t to) {
  return counted(size, static_cast<std::size_t>(to));
}
void* operator new[](std::size_t size, std::align_val_t to) {
  return counted(size, static_cast<std::size_t>(to));
}
void operator delete(void* place) noexcept { std::free(place); }
void operator delete[](void* place) noexcept { std::free(place); }
void operator delete(void* place, std::size_t) noexcept { std::free(place); }
void operator delete[](void* place, std::size_t) noexcept { std::free(place); }
void operator delete(void* place, std::align_val_t) noexcept { std::free(place); }
void operator delete[](void* place, std::align_val_t) noexcept { std::free(place); }
void operator delete(void* place, std::size_t, std::align_val_t) noexcept { std::free(place); }
void operator delete[](void* place, std::size_t, std::align_val_t) noexcept { std::free(place); }

namespace crossjoule::runtime {
namespace {

/// Kokkos 4 and later make a handle of a few bytes for every launch on a space with threads; that
/// is theirs. With Serial nothing at all is allocated.
std::size_t launch_handle_bytes() {
  std::string const cpu = kernels::backends().front().description;
  return cpu.find("Serial") != std::string::npos ? 0 : 64;
}

TEST(Allocations, AStepMakesNone) {
  overlooked = launch_handle_bytes();
  for (models::Graph const& graph : {models::svdd(), models::autoencoder()}) {
    testing::Case const c(graph, 8, 250);
    Plan<float> plan(graph, {.purpose = Purpose::training, .max_batch = 250});
    auto p = testing::flatten<float>(c.layout, c.data.parameters);
    auto const input = testing::as<float>(c.data.inputs[0]);
    auto const row = input.size() / 250;
    std::vector<float> g(p.size()), m(p.size()), v(p.size()), objective(250);
    std::vector<float> output(c.want(models::output_node(graph)).size());
    auto const step = [&](std::int64_t number) {
      plan.set_parameters(p);
      plan.loss_and_gradient(input, 250, g);
      adam_step<float>({}, number, 1.0 / 250, p, g, m, v);
      plan.infer(input, 250, output, objective);
      plan.infer(std::span(input).first(row), 1, std::span(output).first(output.size() / 250),
                 std::span(objective).first(1));
    };
    step(1);  // the first call makes its labels
    long const before = allocations;
    for (std::int64_t number = 2; number < 5; ++number) step(number);
    EXPECT_EQ(allocations, before) << graph.name;
  }
  overlooked = 0;
}

/// The same of a network on a grid, whatever it keeps and wherever its parameters are.
TEST(Allocations, AStepOnAGridMakesNone) {
  overlooked = launch_handle_bytes();
  models::Graph const graph = models::afno({.rows = 24,
                                            .columns = 40,
                                            .channels_in = 3,
                                            .channels_out = 3,
                                            .patch = 2,
                                            .embed = 24,
                                            .depth = 2,
                                            .blocks = 4,
                                            .steps = 2});
  testing::Case const c(graph, 8, 3);
  auto const input = c.rows<float>();
  auto p = testing::flatten<float>(c.layout, c.data.parameters);
  std::vector<float> g(p.size()), objective(3);
  std::vector<float> output(c.want(models::output_node(graph)).size());
  for (PlanOptions const& options :
       {PlanOptions{.purpose = Purpose::training, .max_batch = 3},
        PlanOptions{.purpose = Purpose::training, .max_batch = 3, .keep = Keep::segment_borders},
        PlanOptions{
            .purpose = Purpose::training, .max_batch = 20, .access = ParameterAccess::in_place}}) {
    Plan<float> plan(graph, options);
    auto const step = [&] {
      plan.set_parameters(p);
      plan.loss_and_gradient(input, 3, g);
      plan.infer(input, 3, output, objective);
    };
    step();
    long const before = allocations;
    step();
    EXPECT_EQ(allocations, before);
  }
  overlooked = 0;
}

/// The same of networks on images.
TEST(Allocations, AStepOnImagesMakesNone) {
  overlooked = launch_handle_bytes();
  for (std::uint64_t item = 0; item < 30; ++item) {
    testing::Case const c(crossjoule::testing::random_images(item), item, 3);
    if (!c.has_objective()) continue;
    Plan<float> plan(c.graph, {.purpose = Purpose::training, .max_batch = 3});
    auto const input = c.rows<float>();
    auto p = testing::flatten<float>(c.layout, c.data.parameters);
    std::vector<float> g(p.size()), objective(3);
    std::vector<float> output(c.want(models::output_node(c.graph)).size());
    auto const step = [&] {
      plan.set_parameters(p);
      plan.loss_and_gradient(input, 3, g);
      plan.infer(input, 3, output, objective);
    };
    step();
    long const before = allocations;
    step();
    EXPECT_EQ(allocations, before) << item;
  }
  overlooked = 0;
}

TEST(Allocations, CounterNoticesAnAllocation) {
  long const before = allocations;
  std::vector<int> const some(100, 1);
  EXPECT_GT(allocations, before);
}

}  // namespace
}  // namespace crossjoule::runtime
