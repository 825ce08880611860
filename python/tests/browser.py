# SPDX-License-Identifier: BSD-3-Clause
"""A page in headless Chromium: `faults(path)` opens it and lists script errors, failed loads, parts
that are missing or have no size, and content wider than the window."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

NAMES = ("chromium", "chromium-browser", "google-chrome")
SECONDS = 120
_PROBE = """<script>
addEventListener("load", () => {
  const size = element => { const box = element.getBoundingClientRect();
    return [Math.round(box.width), Math.round(box.height)]; };
  const named = {};
  for (const element of document.querySelectorAll("[id]")) named[element.id] = size(element);
  const found = {
    named,
    sections: [...document.querySelectorAll("[data-section]")]
      .map(e => [e.dataset.section, size(e)]),
    plots: [...document.querySelectorAll("figure svg")].map(e => [e.id, size(e)]),
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    title: document.title,
  };
  const pre = document.createElement("pre");
  pre.id = "browser-probe";
  pre.textContent = JSON.stringify(found);
  document.body.append(pre);
});
</script>"""


def find():
    """(path of a browser or None, why there is none). CROSSJOULE_BROWSER=0 forbids it, another
    value names one."""
    wish = os.environ.get("CROSSJOULE_BROWSER", "")
    if wish == "0":
        return None, "CROSSJOULE_BROWSER=0"
    if wish and wish != "1":
        found = shutil.which(wish)
        return found, "" if found else f"CROSSJOULE_BROWSER={wish} is no program"
    for name in NAMES:
        if found := shutil.which(name):
            return found, ""
    return None, f"no browser here (none of {', '.join(NAMES)}): ./run test installs chromium"


def open_page(path, width=1280):
    """(DOM after all scripts ran, console messages)."""
    with tempfile.TemporaryDirectory() as folder:
        words = [
            find()[0],
            "--headless=new",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            f"--user-data-dir={folder}",
            f"--window-size={width},900",
            "--enable-logging=stderr",
            "--dump-dom",
            pathlib.Path(path).resolve().as_uri(),
        ]
        if os.getuid() == 0:
            words.insert(1, "--no-sandbox")
        done = subprocess.run(words, capture_output=True, timeout=SECONDS)
        if done.returncode != 0 and os.getuid() != 0:  # a machine without user namespaces
            words.insert(1, "--no-sandbox")
            done = subprocess.run(words, capture_output=True, timeout=SECONDS)
    log = done.stderr.decode("utf-8", "replace")
    dom = done.stdout.decode("utf-8", "replace")
    if done.returncode != 0 or "<html" not in dom:
        raise RuntimeError(f"the browser ended with {done.returncode}: {log[-500:]}")
    return dom, re.findall(r"CONSOLE[:(]\d+\)?\] (.*)", log)


def faults(path, *, sections=(), parts=(), plots=(), width=1280):
    """Every fault as one line; [] for a page that a reader sees whole."""
    text = pathlib.Path(path).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "page.html"
        copy.write_text(text.replace("</body>", f"{_PROBE}</body>"), encoding="utf-8")
        dom, messages = open_page(copy, width)
    found = [f"console: {message}" for message in messages]
    probe = re.search(r'<pre id="browser-probe">(.*?)</pre>', dom, flags=re.S)
    if not probe:
        return [*found, "the page never finished loading"]
    seen = json.loads(
        probe.group(1).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    )
    shown = dict(seen["sections"])
    found += [f"no section {name}" for name in sections if name not in shown]
    found += [f"section {name} has no height" for name, size in shown.items() if size[1] < 20]
    found += [f"no part {name}" for name in (*parts, *plots) if name not in seen["named"]]
    found += [
        f"part {name} has no size" for name in parts if min(seen["named"].get(name, [1, 1])) < 1
    ]
    found += [f"plot {name} has no size" for name, size in seen["plots"] if min(size) < 60]
    if seen["wide"] > 0:
        found.append(f"the page is {seen['wide']} px wider than its window")
    if not seen["title"]:
        found.append("the page has no title")
    return found
