# SPDX-License-Identifier: BSD-3-Clause
"""The page: complete, self-contained, labelled; and the proof that the check can fail."""

import json
import pathlib
import re

import page
import pytest
import records

from crossjoule.report.main import main

PUBLISHED = """
[[row]]
platform = "FPGA"
network = "another autoencoder"
citation = "A. Author, Journal 1, 2 (2022)"
latency = { value = 80e-9, low = 75e-9, high = 85e-9, unit = "s" }
"""


def arguments_of_a_study(folder):
    """Arguments of the command for a whole study; the last is the page's path."""
    files = [
        records.write_train(folder / "train.h5"),
        records.write_infer(folder / "infer.h5"),
        records.write_estimate(folder / "estimate.h5"),
    ]
    (folder / "published.toml").write_text(PUBLISHED)
    return files + [
        "--published",
        str(folder / "published.toml"),
        "-o",
        str(folder / "report.html"),
    ]


@pytest.fixture
def study(tmp_path):
    return arguments_of_a_study(tmp_path)


def made(arguments):
    assert main(arguments) == 0
    return pathlib.Path(arguments[-1]).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The page of a whole study, made once."""
    return made(arguments_of_a_study(tmp_path_factory.mktemp("study")))


def test_the_page_is_complete(whole):
    text = whole
    assert page.faults(text) == []
    assert "NO JOULE IN THIS TABLE WAS MEASURED" in re.search("<title>(.*?)</title>", text).group(1)
    assert text.count("NO JOULE IN THIS TABLE WAS MEASURED") >= 3  # title, banner, each table
    assert "with &quot;odd&quot; characters &amp; more&gt;" in text
    assert records.DIGEST in text and "A. Author" in text and "different network" in text


@pytest.mark.parametrize(
    "spoil, said",
    [
        (lambda text: text.replace('data-section="training"', ""), "no section training"),
        (
            lambda text: re.sub(r'<section id="energy".*?</section>', "", text, flags=re.S),
            "no section energy",
        ),
        (lambda text: text.replace('id="plot-latency"', 'id="plot"'), "no plot plot-latency"),
        (
            lambda text: text.replace('<span class="kind kind-modelled">modelled</span>', "", 1),
            "not labelled modelled",
        ),
        (
            lambda text: text.replace("</main>", '<img src="https://example.org/x.png"></main>'),
            "loads something",
        ),
        (
            lambda text: text.replace("</style>", "@import url(https://example.org/x.css)</style>"),
            "style loads",
        ),
        (lambda text: text.replace("<title id=", "<title id=x <", 1), "not XML"),
        (lambda text: text.replace("</figcaption>", "", 1), "closes"),
        (lambda text: text.replace("(modelled)", "").replace("(modelled, ", "("), "without a kind"),
    ],
)
def test_the_check_notices(whole, spoil, said):
    faults = page.faults(spoil(whole))
    assert any(said in fault for fault in faults), faults


def test_measured_joules_need_no_banner(tmp_path):
    files = [
        records.write_infer(tmp_path / "a.h5", kind="measured-counter"),
        records.write_estimate(tmp_path / "b.h5", missing=""),
    ]
    text = made(files + ["-o", str(tmp_path / "r.html")])
    assert "NO JOULE IN THIS TABLE WAS MEASURED" not in text
    assert 'data-kind="measured-counter"' in text


def test_the_same_records_give_the_same_bytes(tmp_path):
    call = [records.write_train(tmp_path / "train.h5"), "-o", str(tmp_path / "r.html")]
    first = made(call)
    assert made(["--force"] + call) == first


def test_two_networks_stay_apart(tmp_path):
    files = [
        records.write_infer(tmp_path / "a.h5"),
        records.write_estimate(tmp_path / "b.h5"),
        records.write_infer(tmp_path / "c.h5", network="autoencoder", digest=records.OTHER_DIGEST),
        records.write_estimate(
            tmp_path / "d.h5", network="autoencoder", digest=records.OTHER_DIGEST
        ),
    ]
    text = made(files + ["-o", str(tmp_path / "r.html")])
    assert page.faults(text, sections=("headline", "sweep", "provenance"), plots=()) == []
    assert text.count('data-section="headline"') == 2


def test_a_page_names_what_its_records_lack(tmp_path):
    text = made([records.write_train(tmp_path / "t.h5"), "-o", str(tmp_path / "r.html")])
    assert page.faults(text, sections=("training", "provenance"), plots=("plot-loss-1",)) == []
    assert "Not in these records" in text


def refused(arguments, capsys, code, said):
    assert main([str(argument) for argument in arguments]) == code
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1 and said in lines[0], lines


def test_bad_input_gives_one_line(study, tmp_path, capsys):
    output, record = tmp_path / "new.html", study[1]
    refused([tmp_path / "absent.h5", "-o", output], capsys, 2, "does not exist")
    refused([tmp_path / "published.toml", "-o", output], capsys, 2, "not an HDF5 file")
    refused([record, "-o", tmp_path / "no" / "new.html"], capsys, 2, "does not exist")
    refused([record, "--published", record, "-o", output], capsys, 2, "is not TOML")
    refused(
        [record, "--compare", tmp_path / "absent.json", "-o", output], capsys, 2, "cannot be opened"
    )
    assert not output.exists()


def test_an_existing_page_is_kept(tmp_path, capsys):
    call = [records.write_train(tmp_path / "train.h5"), "-o", str(tmp_path / "r.html")]
    (tmp_path / "r.html").write_text("mine")
    refused(call, capsys, 2, "--force")
    assert (tmp_path / "r.html").read_text() == "mine"
    assert "crossjoule report" in made(["--force"] + call)


def test_a_damaged_record_is_refused(study, tmp_path, capsys):
    path = tmp_path / "infer.h5"
    path.write_bytes(path.read_bytes()[:-4000])
    refused(study, capsys, 5, "infer.h5")
    assert not (tmp_path / "report.html").exists()


@pytest.fixture
def compared(tmp_path):
    """A document as `crossjoule compare --json` prints it, made from the page's own ratios."""
    from crossjoule.report.chapter import gather
    from crossjoule.report.compared import _RATIOS
    from crossjoule.record import Record

    files = [records.write_infer(tmp_path / "a.h5"), records.write_estimate(tmp_path / "b.h5")]
    lines = gather([Record(path) for path in files])[0].comparison.lines["chip"]
    rows = []
    for line in lines:
        row = {
            name: getattr(line.point, name)
            for name in ("platform", "mode", "device", "precision", "batch", "ranks")
        }
        row["file"] = "some/folder/" + line.point.record
        for name, attribute in _RATIOS.items():
            figure = getattr(line, attribute)
            row[name] = (
                {"value": figure.value, "low": figure.low, "high": figure.high}
                if figure
                else {"value": None, "low": None, "high": None}
            )
        rows.append(row)
    return files, {
        "verb": "compare",
        "network": {"digest": records.DIGEST},
        "boundary": "chip",
        "idle": "gross",
        "lines": rows,
    }


def test_the_page_agrees_with_compare(compared, tmp_path, capsys):
    files, document = compared
    (tmp_path / "c.json").write_text(json.dumps(document))
    call = [*files, "--compare", str(tmp_path / "c.json"), "-o", str(tmp_path / "r.html")]
    assert main(call) == 0
    changed = next(row for row in document["lines"] if row["energy_ratio_to_best_digital"]["value"])
    changed["energy_ratio_to_best_digital"]["value"] *= 1 + 1e-6
    (tmp_path / "c.json").write_text(json.dumps(document))
    refused(["--force"] + call, capsys, 2, "energy_ratio_to_best_digital")
    document["network"]["digest"] = records.OTHER_DIGEST
    (tmp_path / "c.json").write_text(json.dumps(document))
    refused(["--force"] + call, capsys, 2, "no record given here has it")
