// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace crossjoule::drivers {

/// `crossjoule meter …`, from argv on: it reads its own command line, since everything behind `--`
/// belongs to the command, and has exit codes of its own: the command's, 125 for a failure of ours,
/// 126 and 127 for a command that cannot be run; without a command those of any other verb.
int meter_main(int argc, char** argv);

}  // namespace crossjoule::drivers
