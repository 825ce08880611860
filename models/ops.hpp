// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace crossjoule::models {

/// One named axis of a shape, e.g. {"feature", 76}.
struct Axis {
  std::string name;
  std::int64_t extent = 1;
  bool operator==(Axis const&) const = default;
};

/// Up to four named axes, outermost first. Batch is no part of it.
struct Shape {
  std::vector<Axis> axes;
  std::int64_t size() const;
  std::int64_t last() const { return axes.back().extent; }
  bool operator==(Shape const&) const = default;
};

/// "row:8,column:16,feature:4".
std::string to_string(Shape const& shape);

// --- the closed set of operations: plain data, one visitor per use ------------------------------
/// What a sample brings in.
struct Input {
  Shape shape;
  bool operator==(Input const&) const = default;
};
/// y = x W^T + b over the last axis; W is (out_features, in_features).
struct Linear {
  std::int64_t out_features = 1;
  bool bias = true;
  bool operator==(Linear const&) const = default;
};
enum class ActivationKind { relu, elu, gelu, soft_shrink, leaky_relu };
/// relu: max(x, 0), derivative 0 at 0. elu: x > 0 ? x : alpha (exp(x) - 1) with alpha > 0, so that
/// the sign of y tells the branch. gelu: x (1 + erf(x / sqrt 2)) / 2. soft_shrink: sign(x)
/// max(|x| - alpha, 0) with alpha >= 0, derivative 1 where |x| > alpha, else 0. leaky_relu: x > 0 ?
/// x : alpha x with alpha > 0, derivative alpha at 0. The alpha of relu and gelu must be 1.
struct Activation {
  ActivationKind kind = ActivationKind::relu;
  double alpha = 1;
  bool operator==(Activation const&) const = default;
};
/// Sum of two inputs of one shape: residual connections.
struct Add {
  bool operator==(Add const&) const = default;
};
/// Over the last axis: y = gain (x - mean) / sqrt(variance + epsilon) + bias, biased variance.
struct LayerNorm {
  double epsilon = 1e-6;
  bool operator==(LayerNorm const&) const = default;
};

/// Batch normalisation as a trained network runs it, its running statistics folded in: y = w x + b
/// over the last axis, w = gain / sqrt(variance + epsilon), b = bias - mean w. Training adapts w
/// and b and takes no statistics of batches.
struct BatchNorm {
  bool operator==(BatchNorm const&) const = default;
};

/// A window that moves over (row, column); what it reads beyond the edge is padding.
struct Window {
  std::int64_t kernel_rows = 1, kernel_columns = 1;
  std::int64_t stride_rows = 1, stride_columns = 1;
  std::int64_t padding_rows = 0, padding_columns = 0;  ///< on either side
  bool operator==(Window const&) const = default;
};
/// The window of `kernel` x `kernel` numbers.
constexpr Window square_window(std::int64_t kernel, std::int64_t stride = 1,
                               std::int64_t padding = 0) {
  return {kernel, kernel, stride, stride, padding, padding};
}
/// Cross-correlation of images whose features come last: (row, column, feature) -> (row, column,
/// feature), padded with zeros. The weight is (out, features, kernel rows, kernel columns).
struct Conv2d {
  std::int64_t out_features = 1;
  Window window{};
  bool bias = true;
  bool operator==(Conv2d const&) const = default;
};
enum class PoolKind { max, average };
/// Largest number or mean of each window, feature by feature. Padding never is the largest and
/// counts as 0 in the mean, whose divisor is the size of the kernel; it must be smaller than the
/// kernel. The gradient goes to the first of several largest numbers, row by row.
struct Pool2d {
  PoolKind kind = PoolKind::max;
  Window window{};
  bool operator==(Pool2d const&) const = default;
};
/// Mean over rows and columns: (row, column, feature) -> (feature).
struct GlobalAveragePool {
  bool operator==(GlobalAveragePool const&) const = default;
};
/// All numbers of a sample side by side, outermost axis first: any shape -> (feature).
struct Flatten {
  bool operator==(Flatten const&) const = default;
};
/// sum_k log(2 cosh x_k) over the last axis, which keeps one number: the logarithm of what the
/// hidden units of a restricted Boltzmann machine contribute to its amplitude.
struct LogCoshSum {
  bool operator==(LogCoshSum const&) const = default;
};

/// Patches of an image as tokens: (channel, row, column) -> (row, column, feature), rows and
/// columns divided by `patch`. A convolution with kernel and stride `patch` and a bias; with
/// `position`, a table of the result's shape is added (Guibas et al., arXiv:2111.13587).
struct PatchEmbed {
  std::int64_t patch = 8, out_features = 768;
  bool position = true;
  bool operator==(PatchEmbed const&) const = default;
};
/// Back from tokens to an image: (row, column, feature) -> (channel, row, column). Feature
/// (i * patch + j) * channels + c becomes channel c at place (i, j) of the token's patch.
struct PatchRestore {
  std::int64_t patch = 8;
  bool operator==(PatchRestore const&) const = default;
};

/// Images of one grid, the channels of all inputs one after the other: (channel, row, column) each.
/// A network that reads more than it makes thus gets its own output as its next input, joined with
/// what is known beforehand.
struct JoinChannels {
  bool operator==(JoinChannels const&) const = default;
};

/// `count` channels of an image from number `first` on: (channel, row, column) -> the same with
/// fewer channels. A network that predicts how its input changes adds the change to these.
struct TakeChannels {
  std::int64_t first = 0, count = 1;
  bool operator==(TakeChannels const&) const = default;
};

/// Orthonormal real Fourier transform over (row, column) of (row, column, feature), of which
/// `rows` rows from `first_row` on, counted round (after the last comes row 0), and columns [0,
/// columns) of the half spectrum are kept: -> (row, mode, block, part): features in `blocks`
/// groups, each its real parts, then its imaginary ones.
struct FourierTransform {
  std::int64_t first_row = 0, rows = 1, columns = 1, blocks = 1;
  bool operator==(FourierTransform const&) const = default;
};
/// The way back: (row, mode, block, part) -> (row, column, feature) of `rows` x `columns`; what was
/// not kept counts as 0. Complex along the rows first, then complex-to-real along the columns: of
/// column 0 and of the Nyquist column only the real part counts.
struct InverseFourierTransform {
  std::int64_t first_row = 0, rows = 1, columns = 1;
  bool operator==(InverseFourierTransform const&) const = default;
};
/// A complex dense layer per block, over the last axis of (…, block, part), real and imaginary
/// parts as independent real numbers: yr = xr W[0] - xi W[1] + b[0], yi = xi W[0] + xr W[1] + b[1];
/// W is (2, blocks, in, out), b (2, blocks, out), out = `out_features` complex numbers per block.
struct ComplexLinear {
  std::int64_t out_features = 1;
  bool operator==(ComplexLinear const&) const = default;
};

/// Objective of Deep SVDD: sum_k (x_k - centre)^2, one number per sample.
struct SquaredDistance {
  double centre = 0;
  bool operator==(SquaredDistance const&) const = default;
};
/// Objective of an autoencoder: mean over features of (x - target)^2, one number per sample; inputs
/// are {output, target} and the target counts as a constant in gradients.
struct MeanSquaredError {
  bool operator==(MeanSquaredError const&) const = default;
};
enum class RowWeight { none, latitude };
/// Objective of a forecast: ||x - target||_2 / ||target||_2 over all numbers of a sample, summed
/// over the pairs of inputs {output, target, output after two steps, its target, …}; targets count
/// as constants. With RowWeight::latitude squares are weighted by cos(latitude) of their row (axis
/// "row" of (channel, row, column)), rows being equally spaced between the two latitudes.
struct RelativeError {
  RowWeight weight = RowWeight::none;
  double first_latitude_deg = 90, last_latitude_deg = -90;
  bool operator==(RelativeError const&) const = default;
};

using Op = std::variant<Input, Linear, Activation, Add, LayerNorm, PatchEmbed, PatchRestore,
                        FourierTransform, InverseFourierTransform, ComplexLinear, SquaredDistance,
                        MeanSquaredError, RelativeError, BatchNorm, Conv2d, Pool2d,
                        GlobalAveragePool, Flatten, LogCoshSum, JoinChannels, TakeChannels>;

/// True for operations that end a graph with the number per sample that training makes small.
bool is_objective(Op const& op);

std::string_view to_string(ActivationKind kind);
/// The inverse of to_string; Error (bad_input) lists the known names.
ActivationKind activation_from(std::string_view text);

/// Number of one parameter tensor's axes and their extents, by the suffix of its name.
struct Tensor {
  std::string suffix;  ///< "w", "b", "position"
  std::vector<std::int64_t> shape;
  bool operator==(Tensor const&) const = default;
};
/// The parameters of one operation on an input of this shape, in flat order: Linear w (out, in), b
/// (out); LayerNorm and BatchNorm w, b (features); Conv2d w (out, features, kernel rows, kernel
/// columns), b (out); PatchEmbed position (1, tokens, out), w (out, channels, patch,
/// patch), b (out); ComplexLinear w (2, blocks, in, out), b (2, blocks, out); others none.
std::vector<Tensor> parameter_tensors(Op const& op, Shape const& input);

/// cos(latitude) of `rows` rows of a RelativeError, divided by its mean; all 1 without weights.
std::vector<double> row_weights(RelativeError const& op, std::int64_t rows);

}  // namespace crossjoule::models
