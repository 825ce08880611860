# SPDX-License-Identifier: BSD-3-Clause
"""The table runner notices what it is there to notice: a fake binary and wrong expectations."""

import tempfile
import unittest
from pathlib import Path

import table

FAKE = """#!/bin/sh
case $1 in
  good) echo '{"a": 1}' ;;
  bad) echo "crossjoule: error: no such file x.h5 [a.toml:3]" >&2; exit 2 ;;
  twice) echo "error: one" >&2; echo "error: two" >&2; exit 2 ;;
  litter) echo "error: sorry" >&2; echo half > rest.tmp; exit 5 ;;
  clobber) echo "error: sorry" >&2; echo half > mine.h5; exit 5 ;;
  large) head -c 100000 /dev/zero > big 2>/dev/null || { rm -f big; echo "error: full" >&2; exit 5; } ;;
  deaf) echo text || { echo "error: full" >&2; exit 5; } ;;
  hang) sleep 60 ;;
esac
"""


class Table(unittest.TestCase):
    def problems(self, line):
        with tempfile.TemporaryDirectory() as folder:
            fake, cases = Path(folder, "fake"), Path(folder, "cases.txt")
            fake.write_text(FAKE)
            fake.chmod(0o755)
            cases.write_text("# comment\n\n" + line + "\n")
            (case,) = table.read_cases(cases)
            return table.Runner(fake, folder).problems(case)

    def test_right_expectations_pass(self):
        for line in ("a | good | JSON", "a | bad | EXIT 2 | GREP a\\.toml:3", "a | twice | EXIT 2 | ERRORS 2",
                     "a | bad | EXIT 2 | PUT mine.h5", "a | large | FILES big | GREP ^$",
                     "a | large | EXIT 5 | LIMIT 4096", "a | bad | \\\n EXIT 2",
                     "a | deaf | EXIT 5 | STDOUT /dev/full", "a | good | BEFORE good"):
            self.assertEqual(self.problems(line), [], line)

    def test_wrong_expectations_are_noticed(self):
        for line in ("a | good | EXIT 2", "a | bad", "a | bad | EXIT 3", "a | bad | EXIT 2 | GREP nowhere",
                     "a | twice | EXIT 2", "a | litter | EXIT 5", "a | clobber | EXIT 5 | PUT mine.h5",
                     "a | bad | EXIT 2 | JSON", "a | good | FILES x.h5",
                     "a | deaf | STDOUT /dev/full", "a | hang | WITHIN 0.5",
                     "a | good | BEFORE bad"):
            self.assertNotEqual(self.problems(line), [], line)


if __name__ == "__main__":
    unittest.main()
