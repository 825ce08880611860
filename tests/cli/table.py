# SPDX-License-Identifier: BSD-3-Clause
"""Run a table of command lines: python3 table.py BINARY CASES.txt [NAME-PATTERN].

A case is one line of `|`-separated fields (a line that ends in `\\` goes on in the next one):
    name | arguments | EXIT 2 | GREP regular expression | …
and `let word = text` makes {word} stand for text in the lines below it.
The arguments are those of `crossjoule` (NONE for none); `mpirun -n 3 crossjoule …` starts ranks. `{inputs}` is a
folder of small files (inputs.py), `{out}` a fresh folder per case, `{unwritable}` a folder that
refuses new files, `{shared}` the reference data beside the repository, `{binary}` the command itself.
    EXIT n        exit status (default 0)
    GREP regex    stdout and stderr together contain it; may stand several times
    ERRORS n      number of lines with `error:` on stderr (default: 1 where EXIT is not 0)
    JSON          stdout is one JSON document
    FILES a,b     {out} holds exactly these files afterwards (default where EXIT is not 0: those
                  that were there before, unchanged)
    BEFORE args   a command line run first, in the same {out}; may stand several times
    PUT name      {out} starts with a file of that name
    CHANGE name   the last number of /result/points/joules_per_sample of that record is doubled, or one
                  of its /parameters, with HDF5's own checksum set right
    CLAIM a,b     record a claims the graph digest of record b
    DAMAGE name   one bit near the middle of that file is flipped after BEFORE
    STDOUT path   stdout goes there (/dev/full: a full disk); nothing is then judged of it
    LIMIT bytes   no file may grow larger (RLIMIT_FSIZE), as on a full disk
    SPACE bytes   the address space may not grow beyond (RLIMIT_AS)
    WITHIN s      the job must have ended by then (default 60)
    NEEDS what    skip the case where `mpi` or `shared` is absent
"""

import json
import os
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import inputs

MARK = b"a file of mine\n"
# mpirun as root and on more ranks than cores, as ./run and ctest have it
RANKS = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
         "OMPI_MCA_rmaps_base_oversubscribe": "1", "OMPI_MCA_mpi_yield_when_idle": "1"}


def read_cases(path):
    """The cases of a table, as dictionaries."""
    text = Path(path).read_text(encoding="utf-8").replace("\\\n", " ")
    cases, names = [], {}
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        for name, value in names.items():
            line = line.replace("{" + name + "}", value)
        if line.startswith("let "):
            name, _, value = line[4:].partition(" = ")
            names[name.strip()] = value.strip()
            continue
        name, arguments, *fields = (field.strip() for field in line.split(" | "))
        case = {"name": name, "arguments": arguments, "GREP": [], "BEFORE": [], "PUT": []}
        for field in fields:
            key, _, value = field.partition(" ")
            if key in ("GREP", "BEFORE", "PUT"):
                case[key].append(value)
            else:
                case[key] = value
        cases.append(case)
    return cases


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(Path(folder).rglob("*")) if path.is_file()}


def flip_a_bit(path):
    """Damage the largest run of stored numbers: the middle of the longest non-zero stretch."""
    data = bytearray(path.read_bytes())
    stretches = [match.span() for match in re.finditer(rb"(?:[^\0]|\0(?!\0{15}))+", bytes(data))]
    begin, end = max(stretches, key=lambda span: span[1] - span[0])
    data[(begin + end) // 2] ^= 1
    path.write_bytes(data)


class Runner:
    """Runs cases against one binary."""

    def __init__(self, binary, folder):
        self.binary, self.folder = str(Path(binary).resolve()), Path(folder)
        self.inputs = self.folder / "inputs"
        inputs.make(self.inputs)
        self.unwritable = self.folder / "unwritable"
        self.unwritable.mkdir()
        self.unwritable.chmod(0o555)
        if os.geteuid() == 0:  # root may write anywhere but here
            self.unwritable = Path("/sys/kernel")
        self.shared = Path(__file__).resolve().parents[3] / "shared"

    def words(self, arguments, out):
        text = (arguments.replace("{inputs}", str(self.inputs)).replace("{out}", str(out))
                .replace("{unwritable}", str(self.unwritable)).replace("{shared}", str(self.shared))
                .replace("{binary}", self.binary))
        words = [] if text == "NONE" else shlex.split(text)
        if words and words[0] in ("mpirun", "mpiexec"):
            return [self.binary if word == "crossjoule" else word for word in words]
        return [self.binary, *words]

    def missing(self, case):
        needs = case.get("NEEDS", "")
        if "mpi" in needs and not (shutil.which("mpirun") and os.environ.get("CROSSJOULE_MPI", "1") == "1"):
            return "no MPI"
        if "shared" in needs and not self.shared.is_dir():
            return "no reference data beside the repository"
        if "SPACE" in case and any(name.endswith("SAN_OPTIONS") for name in os.environ):
            return "a sanitizer takes the address space for itself"
        return None

    def run(self, words, out, seconds, limits=(), stdout_path=None):
        def confine():
            for kind, limit in limits:
                resource.setrlimit(kind, (limit, limit))
        sink = open(stdout_path, "wb") if stdout_path else subprocess.PIPE
        process = subprocess.Popen(words, cwd=out, env={**RANKS, **os.environ},
                                   stdout=sink, stderr=subprocess.PIPE,
                                   text=True, start_new_session=True,
                                   preexec_fn=confine if limits else None)
        try:
            stdout, stderr = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return None, "", ""
        finally:
            if stdout_path:
                sink.close()
        return process.returncode, stdout or "", stderr

    def problems(self, case):
        """What is wrong with one case; an empty list for nothing."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            out = Path(folder)
            for name in case["PUT"]:
                (out / name).write_bytes(MARK)
            for before in case["BEFORE"]:
                status, _, stderr = self.run(self.words(before, out), out, 60)
                if status != 0:
                    return [f"`{before}` before it ended with {status}: {stderr.strip()[-400:]}"]
            if "DAMAGE" in case:
                flip_a_bit(out / case["DAMAGE"])
            if "CHANGE" in case:
                inputs.change(out / case["CHANGE"])
            if "CLAIM" in case:
                inputs.claim(*(out / name for name in case["CLAIM"].split(",")))
            before = contents(out)
            kinds = {"LIMIT": resource.RLIMIT_FSIZE, "SPACE": resource.RLIMIT_AS}
            limits = [(kind, int(case[key])) for key, kind in kinds.items() if key in case]
            seconds = float(case.get("WITHIN", 60)) * float(os.environ.get("CROSSJOULE_PATIENCE", "1"))
            words = self.words(case["arguments"], out)
            status, stdout, stderr = self.run(words, out, seconds, limits, case.get("STDOUT"))
            if status is None:
                return [f"still running after {seconds:g} s"]
            return self.judge(case, status, stdout, stderr, before, contents(out))

    @staticmethod
    def judge(case, status, stdout, stderr, before, after):
        problems = []
        wanted = int(case.get("EXIT", 0))
        if status != wanted:
            problems.append(f"exit status {status}, not {wanted}")
        for pattern in case["GREP"]:
            if not re.search(pattern, stdout + stderr):
                problems.append(f"nothing matches '{pattern}'")
        errors = [line for line in stderr.splitlines() if "error:" in line]
        if wanted and len(errors) != int(case.get("ERRORS", 1)):
            problems.append(f"{len(errors)} error lines, not {case.get('ERRORS', 1)}")
        if "JSON" in case:
            try:
                json.loads(stdout)
            except ValueError as error:
                problems.append(f"stdout is no JSON document: {error}")
        if "FILES" in case:
            names = sorted(filter(None, case["FILES"].split(",")))
            if sorted(after) != names:
                problems.append(f"files {sorted(after)}, not {names}")
        elif wanted and after != before:
            problems.append(f"files changed: {sorted(before)} became {sorted(after)}")
        if problems:
            problems.append(f"stderr: {stderr.strip()[-600:]}")
        return problems


def main(binary, table, pattern="."):
    cases = [case for case in read_cases(table) if re.search(pattern, case["name"])]
    failed = skipped = 0
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(binary, folder)
        for case in cases:
            reason = runner.missing(case)
            if reason:
                print(f"skipped  {case['name']}: {reason}")
                skipped += 1
                continue
            problems = runner.problems(case)
            failed += bool(problems)
            print(f"{'FAILED ' if problems else 'ok     '}  {case['name']}", flush=True)
            for problem in problems:
                print(f"         {problem}")
    print(f"{len(cases) - failed - skipped} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
