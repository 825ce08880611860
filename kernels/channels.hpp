// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/gradient.hpp"
#include "kernels/views.hpp"

#include <cstdint>

/// Channels of images put beside each other and taken apart. Channels are outermost: in a view a
/// sample is some rows, its channels a run of these from `first_row` on. Shapes: part (samples *
/// its rows, columns), whole (samples * its rows, columns). Budget: one read and one write a number
/// of what is written.
namespace crossjoule::kernels {

/// JoinChannels, one input at a time: the run in `whole` becomes `part`.
template <class Space, class T>
void join_channels(Space const& space, std::int64_t samples, Rows<Space, T const> part,
                   std::int64_t first_row, Rows<Space, T> whole);
/// TakeChannels and the way back of join_channels: part = (or +=) the run in `whole`.
template <class Space, class T>
void take_channels(Space const& space, std::int64_t samples, Rows<Space, T const> whole,
                   std::int64_t first_row, Gradient mode, Rows<Space, T> part);
/// The way back of TakeChannels: the run in `whole` = (or +=) part; the rest becomes 0 (or stays).
template <class Space, class T>
void take_channels_gradient(Space const& space, std::int64_t samples, Rows<Space, T const> part,
                            std::int64_t first_row, Gradient mode, Rows<Space, T> whole);

}  // namespace crossjoule::kernels
