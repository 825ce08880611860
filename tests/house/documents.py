# SPDX-License-Identifier: BSD-3-Clause
"""Run what the documentation shows: python3 documents.py SOURCE BINARY.

Of every Markdown file at the root, in docs/ and in experiments/:
- a fenced `toml` block must parse; a first line `# NAME.toml` names the file it is written to, and
  every verb that a command of the same document runs on that file must know all its keys;
- commands of fenced `sh` blocks that start with crossjoule, crossjoule-report or mpirun … crossjoule
  run in one temporary folder per document, in order, and must end with status 0;
- `./run X` must name a command that `./run help` lists.
Text after `sh` on the fence line ("sh hours") keeps a block from running; other commands (git,
apt-get, cmake) are checked for shell syntax only.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import tomllib
except ImportError:  # Python 3.9 and 3.10
    import tomli as tomllib

# A build with sanitizers runs many times slower: its preset asks for patience.
SECONDS_PER_COMMAND = 120 * float(os.environ.get("CROSSJOULE_PATIENCE", "1"))
FENCE = re.compile(r"^```(\w+)?([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
BINARY = re.compile(r"^(?:\./)?(?:build/)?crossjoule$")
LAUNCHERS = ("mpirun", "mpiexec")
# mpirun as root and on more ranks than cores, as ./run and ctest have it
RANKS = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
         "OMPI_MCA_rmaps_base_oversubscribe": "1", "OMPI_MCA_mpi_yield_when_idle": "1"}


def blocks(text):
    """(language, remark, content) of every fenced block."""
    return [(language, remark.strip(), content) for language, remark, content in FENCE.findall(text)]


def commands(content):
    """The shell commands of a block: continuation lines joined, prompts and comments removed."""
    lines = content.replace("\\\n", " ").splitlines()
    stripped = (re.sub(r"^\$ ", "", line).strip() for line in lines)
    return [line for line in stripped if line and not line.startswith("#")]


def runnable(command):
    """The words of a command that this test runs, with `crossjoule` for any path to it; else None."""
    try:
        words = shlex.split(command, comments=True)
    except ValueError:
        return None
    words = ["crossjoule" if BINARY.match(word) else word for word in words]
    if not words or any(sign in command for sign in ("…", "...", "<", "VERB")):
        return None
    if words[0] in ("crossjoule", "crossjoule-report"):
        return words
    if words[0] in LAUNCHERS and "crossjoule" in words:
        return words
    return None


class Document:
    """One Markdown file, run in one temporary folder."""

    def __init__(self, name, text, folder, environment, run_commands):
        self.name, self.text, self.folder = name, text, Path(folder)
        self.environment, self.run_commands = environment, run_commands
        self.problems, self.ran, self.written = [], 0, []

    def complain(self, what):
        self.problems.append(f"{self.name}: {what}")

    def check(self):
        for language, remark, content in blocks(self.text):
            if language == "toml":
                self.toml(content)
        for language, remark, content in blocks(self.text):
            if language in ("sh", "bash", "console"):
                self.shell(content, may_run=not remark)
        return self.problems

    def toml(self, content):
        try:
            tomllib.loads(content)
        except tomllib.TOMLDecodeError as error:
            self.complain(f"a TOML example does not parse: {error}")
        name = re.match(r"# (\S+?\.toml):?\s", content)
        if name:
            path = self.folder / Path(name.group(1)).name
            path.write_text(content, encoding="utf-8")
            self.written.append(path.name)

    def shell(self, content, may_run):
        syntax = subprocess.run(["sh", "-n"], input=content.replace("$ ", ""), text=True,
                                capture_output=True)
        if syntax.returncode and "…" not in content:
            self.complain(f"shell syntax: {syntax.stderr.strip()}")
        for command in commands(content):
            first = command.split()
            if first[0] == "./run" and len(first) > 1 and first[1] not in self.run_commands:
                self.complain(f"`{command}` ({first[1]} is none of ./run's commands)")
            words = runnable(command)
            if words:
                self.keys_of_examples(words)
                if may_run:
                    self.run(command, words)

    def keys_of_examples(self, words):
        """A TOML example that a command reads has no key that its verb does not know."""
        for word in words:
            if Path(word).name in self.written and "crossjoule" in words:
                verb = words[words.index("crossjoule") + 1:]
                upto = verb[:verb.index(word) + 1] if word in verb else verb
                upto[-1] = Path(word).name
                self.run(" ".join(upto), ["crossjoule", *upto, "--dump-default"])

    def run(self, command, words):
        try:
            done = subprocess.run(words, cwd=self.folder, env=self.environment, text=True,
                                  capture_output=True, timeout=SECONDS_PER_COMMAND)
        except (OSError, subprocess.TimeoutExpired) as error:
            self.complain(f"`{command}`: {error}")
            return
        self.ran += 1
        if done.returncode:
            self.complain(f"`{command}` ended with {done.returncode}: {done.stderr.strip()[-400:]}")


def environment_for(source, binary, folder):
    """PATH with `crossjoule` and `crossjoule-report`, as after an installation."""
    bin_folder = Path(folder, "bin")
    bin_folder.mkdir()
    (bin_folder / "crossjoule").symlink_to(Path(binary).resolve())
    report = bin_folder / "crossjoule-report"
    python = os.environ.get("CROSSJOULE_PYTHON", sys.executable)
    report.write_text(f'#!/bin/sh\nPYTHONPATH="{source}/python" exec "{python}" '
                      '-c "from crossjoule.report.main import run; run()" "$@"\n')
    report.chmod(0o755)
    return dict(RANKS, **os.environ) | dict(PATH=f"{bin_folder}:{os.environ['PATH']}")


def main(source, binary):
    source = Path(source)
    help_text = subprocess.run(["sh", source / "run", "help"], check=True, text=True,
                               capture_output=True).stdout
    run_commands = re.findall(r"^  ([a-z][a-z-]*)  ", help_text, re.MULTILINE)
    problems, ran = [], 0
    names = [*source.glob("*.md"), *source.glob("docs/**/*.md"), *source.glob("experiments/**/*.md")]
    for path in sorted(names):
        with tempfile.TemporaryDirectory() as folder:
            environment = environment_for(source, binary, folder)
            work = Path(folder, "work")
            work.mkdir()
            document = Document(path.relative_to(source).as_posix(), path.read_text(encoding="utf-8"),
                                work, environment, run_commands)
            problems += document.check()
            ran += document.ran
    print("\n".join(problems) or f"{len(names)} documents, {ran} commands ran")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
