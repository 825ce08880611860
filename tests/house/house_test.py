# SPDX-License-Identifier: BSD-3-Clause
"""The house rules over this tree, and twins that break each rule and must be noticed."""

import os
import tempfile
import unittest
from pathlib import Path

import files
import layers

ROOT = os.environ["CROSSJOULE_SOURCE"]


def problems_of(check, tree):
    """What `check` says of a made-up tree: path -> text."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in tree.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return check(folder)


class Layers(unittest.TestCase):
    def test_includes_follow_the_arrows(self):
        self.assertGreater(len(layers.read_tree(ROOT)), 20)
        self.assertEqual(layers.check(ROOT), [])

    def test_what_is_allowed_passes(self):
        self.assertEqual(problems_of(layers.check, {
            "core/a.hpp": "#pragma once\n",
            "kernels/kokkos.hpp": "#include <Kokkos_Core.hpp>\n",
            "kernels/linear.hpp": '#include "kernels/kokkos.hpp"\n#include "core/a.hpp"\n',
            "runtime/plan/plan.cpp": '#include "kernels/linear.hpp"\n',
            "tests/models/x_test.cpp": '#include "kernels/reference/linear.hpp"\n',
        }), [])

    def test_twins_are_noticed(self):
        for tree in (
            {"core/a.cpp": '#include "models/graph.hpp"\n'},
            {"runtime/a.cpp": '#include "aimc/estimate.hpp"\n'},
            {"aimc/a.cpp": '#include "kernels/session.hpp"\n'},
            {"aimc/a.cpp": '#  include   "sim/world/events.hpp"\n'},
            {"models/a.cpp": "#include <Kokkos_Core.hpp>\n"},
            {"meter/a.cpp": "#include <mpi.h>\n"},
            {"tests/core/a_test.cpp": '#include "models/graph.hpp"\n'},
            {"drivers/json.hpp": "#include <nlohmann/json.hpp>\n"},
            {"core/a.cpp": "#include <toml++/toml.h>\n", "core/b.cpp": "#include <toml++/toml.h>\n"},
            {"kernels/kokkos.hpp": "", "kernels/linear.hpp": '#include "kernels/kokkos.hpp"\n',
             "runtime/a.cpp": '#include "kernels/linear.hpp"\n'},
        ):
            self.assertEqual(len(problems_of(layers.check, tree)), 1, tree)


class Files(unittest.TestCase):
    def test_every_file_keeps_the_rules(self):
        self.assertEqual(files.check(ROOT), [])

    def test_twins_are_noticed(self):
        licence = "// SPDX-License-Identifier: BSD-3-Clause\n"
        for tree in (
            {"core/long.cpp": licence + "\n" * files.MOST_LINES},
            {"core/free.cpp": "int i;\n"},
            {"docs/a.md": "see /wo" "rk/here\n"},
            {"docs/a.md": "TO" "DO later\n"},
        ):
            self.assertEqual(len(problems_of(files.check, tree)), 1, tree)
        self.assertEqual(problems_of(files.check, {"core/fine.cpp": licence}), [])


if __name__ == "__main__":
    unittest.main()
