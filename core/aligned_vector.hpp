// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/system.hpp"

#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

namespace crossjoule::core {

/// Memory that begins with a cache line, in huge pages where the system grants them: a vector of
/// the processor then never lies in two lines.
template <class T>
struct LineAllocator {
  using value_type = T;
  static constexpr std::align_val_t alignment{64};

  LineAllocator() = default;
  template <class U>
  LineAllocator(LineAllocator<U> const&) {}
  T* allocate(std::size_t count) {
    void* const memory = ::operator new(count * sizeof(T), alignment);
    ask_for_huge_pages(memory, static_cast<std::int64_t>(count * sizeof(T)));
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t) { ::operator delete(memory, alignment); }
  friend bool operator==(LineAllocator const&, LineAllocator const&) { return true; }
};

template <class T>
using AlignedVector = std::vector<T, LineAllocator<T>>;

}  // namespace crossjoule::core
