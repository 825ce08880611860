// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/error.hpp"

#include <functional>
#include <string>

namespace crossjoule::drivers {

/// The message where stdout takes no more (a full disk, say): exit code 5.
std::string unwritten_output();

/// Runs `call`, which reads the foreign file `name`, in a child process, so that a crash of the
/// decoder becomes an Error (damaged, "file rejected"). An Error in the child is thrown again here;
/// what the child prints appears as usual. Returns what `call` returned.
core::ExitCode contained(std::string const& name, std::function<core::ExitCode()> const& call);

}  // namespace crossjoule::drivers
