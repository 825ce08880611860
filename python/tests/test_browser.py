# SPDX-License-Identifier: BSD-3-Clause
"""Pages as a browser shows them; and the proof that the look at them can fail."""

import pathlib
import re

import appendix_page
import browser
import metered
import page
import pytest
from test_report import arguments_of_a_study, made

BROWSER, WHY_NOT = browser.find()
pytestmark = pytest.mark.skipif(BROWSER is None, reason=f"no headless browser: {WHY_NOT}")

WANTED = {
    "sections": appendix_page.SECTIONS,
    "parts": appendix_page.PARTS,
    "plots": appendix_page.PLOTS,
}


@pytest.fixture(scope="module")
def appendix(tmp_path_factory):
    folder = tmp_path_factory.mktemp("appendix")
    record = metered.write(folder / "meter.h5")
    made(["--energy", record, "-o", str(folder / "energy.html")])
    return folder / "energy.html"


def test_the_appendix_is_whole(appendix):
    assert browser.faults(appendix, **WANTED) == []


def test_a_telephone_shows_it_too(appendix):
    assert browser.faults(appendix, width=500, **WANTED) == []


def test_the_study_page_is_whole(tmp_path):
    made(arguments_of_a_study(tmp_path))
    found = browser.faults(tmp_path / "report.html", sections=page.SECTIONS, plots=page.PLOTS)
    assert found == []


@pytest.mark.parametrize(
    "spoil, said",
    [
        (lambda text: text.replace("</main>", "<script>nobody.home()</script></main>"), "nobody"),
        (
            lambda text: re.sub(r'<section id="joules".*?</section>', "", text, flags=re.S),
            "no section joules",
        ),
        (lambda text: text.replace('id="statement"', 'id="statement" hidden'), "statement has no"),
        (lambda text: re.sub(r' d="M[^"]*"', ' d="M here"', text, count=1), "Expected number"),
    ],
)
def test_the_look_notices(appendix, tmp_path, spoil, said):
    spoiled = tmp_path / "spoiled.html"
    text = pathlib.Path(appendix).read_text(encoding="utf-8")
    spoiled.write_text(spoil(text), encoding="utf-8")
    found = browser.faults(spoiled, **WANTED)
    assert any(said in fault for fault in found), found
