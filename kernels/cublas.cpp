// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/portable/cublas.hpp"

#include "core/error.hpp"

#ifdef KOKKOS_ENABLE_CUDA
#include <cublas_v2.h>

namespace crossjoule::kernels::portable {
namespace {

constexpr std::size_t workspace_bytes = std::size_t{32} << 20;  // what cuBLAS asks for on sm_90

void check(cublasStatus_t status, char const* what) {
  VALIDATE_AS(ExitCode::internal, status == CUBLAS_STATUS_SUCCESS,
              "{} failed (cuBLAS status {}) check the driver and the GPU's free memory", what,
              static_cast<int>(status));
}

/// The library handle of this process and its workspace; both go when Kokkos ends.
struct Library {
  cublasHandle_t handle = nullptr;
  void* workspace = nullptr;

  Library() {
    check(cublasCreate(&handle), "starting cuBLAS");
    check(cublasSetMathMode(handle, CUBLAS_PEDANTIC_MATH), "choosing full precision");
    workspace =
        Kokkos::kokkos_malloc<Kokkos::CudaSpace>("kernels::cublas::workspace", workspace_bytes);
  }
  void end() {
    cublasDestroy(handle);
    Kokkos::kokkos_free<Kokkos::CudaSpace>(workspace);
  }
};

cublasHandle_t handle_on(Kokkos::Cuda const& space) {
  static Library* library = nullptr;
  if (!library) {
    library = new Library;
    Kokkos::push_finalize_hook([] {
      library->end();
      delete library;
      library = nullptr;
    });
  }
  check(cublasSetStream(library->handle, space.cuda_stream()), "choosing the stream");
  check(cublasSetWorkspace(library->handle, library->workspace, workspace_bytes),
        "giving workspace");
  return library->handle;
}

cublasOperation_t operation(bool transposed) { return transposed ? CUBLAS_OP_T : CUBLAS_OP_N; }

}  // namespace

template <>
void cublas_gemm<float>(Kokkos::Cuda const& space, bool a_transposed, bool b_transposed, int m,
                        int n, int k, float const* a, int a_stride, float const* b, int b_stride,
                        bool adds, float* c, int c_stride) {
  float const one = 1, keep = adds ? 1 : 0;
  check(cublasSgemm(handle_on(space), operation(a_transposed), operation(b_transposed), m, n, k,
                    &one, a, a_stride, b, b_stride, &keep, c, c_stride),
        "an fp32 product");
}

template <>
void cublas_gemm<double>(Kokkos::Cuda const& space, bool a_transposed, bool b_transposed, int m,
                         int n, int k, double const* a, int a_stride, double const* b, int b_stride,
                         bool adds, double* c, int c_stride) {
  double const one = 1, keep = adds ? 1 : 0;
  check(cublasDgemm(handle_on(space), operation(a_transposed), operation(b_transposed), m, n, k,
                    &one, a, a_stride, b, b_stride, &keep, c, c_stride),
        "an fp64 product");
}

}  // namespace crossjoule::kernels::portable
#endif
