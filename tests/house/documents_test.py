# SPDX-License-Identifier: BSD-3-Clause
"""The documentation test notices what it is there to notice."""

import os
import tempfile
import unittest
from pathlib import Path

import documents

# stands for the binary: `estimate` knows one key, everything else fails
FAKE = """#!/bin/sh
[ "$1" = estimate ] || exit 2
[ -z "$2" ] || ! grep -q unknown "$2"
"""


def problems_in(text):
    with tempfile.TemporaryDirectory() as folder:
        fake = Path(folder, "crossjoule")
        fake.write_text(FAKE)
        fake.chmod(0o755)
        work = Path(folder, "work")
        work.mkdir()
        environment = dict(os.environ, PATH=f"{folder}:{os.environ['PATH']}")
        return documents.Document("x.md", text, work, environment, ["demo"]).check()


class Documents(unittest.TestCase):
    def test_sound_documents_pass(self):
        for text in ("```sh\n./run demo\nbuild/crossjoule estimate\n```\n",
                     "```sh\ncrossjoule VERB [config.toml]\n```\n",
                     "```sh hours\ncrossjoule train\n```\n",
                     "```toml\n# a.toml\nkey = 1\n```\n```sh\n$ crossjoule estimate a.toml\n```\n"):
            self.assertEqual(problems_in(text), [], text)

    def test_twins_are_noticed(self):
        for text in ("```sh\n./run dmeo\n```\n",
                     "```sh\ncrossjoule nosuch\n```\n",
                     "```sh\nmpirun -n 2 ./crossjoule\n```\n",
                     "```sh\nif then\n```\n",
                     "```toml\nkey = \n```\n",
                     "```toml\n# a.toml\nunknown = 1\n```\n```sh hours\ncrossjoule estimate a.toml\n```\n"):
            self.assertEqual(len(problems_in(text)), 1, text)


if __name__ == "__main__":
    unittest.main()
