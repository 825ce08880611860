# SPDX-License-Identifier: BSD-3-Clause
"""The page's chapter of forecasts: every figure of the record is on it."""

import pathlib

import numpy as np
import page
import records

from crossjoule.record import Record
from crossjoule.report import forecast
from crossjoule.report.main import main

METHODS = ("network", "persistence", "climatology")


def write_forecast(path, *, channels=("t2m", "u10"), leads=(6.0, 12.0), cases=3, maps=True):
    with records.Writer(path, "forecast", network="afno") as record:
        record.attributes("/result", {"cases": cases, "members": 1, "weights": "cos"})
        columns = {name: [] for name in ("method", "quantity", "channel", "unit")}
        numbers = {name: [] for name in ("lead", "cases", "value", "low", "high")}
        for method in METHODS:
            for quantity in ("rmse", "acc"):
                for channel in channels:
                    for lead in leads:
                        value = (1 + METHODS.index(method)) * lead / 8
                        if (method, quantity) == ("climatology", "acc"):
                            value = np.nan
                        for name, entry in zip(columns, (method, quantity, channel, "K")):
                            columns[name].append(entry)
                        for name, entry in zip(
                            numbers, (lead, cases, value, value * 0.9, value * 1.1)
                        ):
                            numbers[name].append(entry)
        for name, values in columns.items():
            record.strings(f"/result/skill/{name}", values)
        for name, values in numbers.items():
            record.array(f"/result/skill/{name}", np.array(values))
        if maps:
            shape = (len(channels), 4, 8)
            field = np.sin(np.arange(np.prod(shape))).reshape(shape)
            record.array("/result/maps/forecast", field + 0.1)
            record.array("/result/maps/truth", field)
            record.strings("/result/maps/channel", channels)
            record.strings("/result/maps/unit", ["K"] * len(channels))
            record.array("/result/maps/lat", np.linspace(60, -60, 4))
            record.array("/result/maps/lon", np.arange(8) * 45.0)
            record.attributes("/result/maps", {"start": "2001-01-01T00:00Z", "lead_h": 12.0})
    return str(path)


def made(tmp_path, **options):
    record = write_forecast(tmp_path / "forecast.h5", **options)
    output = tmp_path / "report.html"
    assert main([record, "-o", str(output)]) == 0
    return pathlib.Path(output).read_text(encoding="utf-8")


def test_the_page_has_curves_table_and_maps(tmp_path):
    text = made(tmp_path)
    assert page.faults(text, sections=("forecast",), plots=()) == []
    assert 'data-section="forecast"' in text
    for word in ("RMSE of t2m", "anomaly correlation of u10", "Maps of t2m", "persistence"):
        assert word in text
    assert "0.75" in text and "[0.675, 0.825]" in text  # network, 6 h


def test_records_without_maps_or_coordinates_are_fine(tmp_path):
    text = made(tmp_path, maps=False, channels=("z500",), leads=(24.0,), cases=1)
    assert page.faults(text, sections=("forecast",), plots=()) == []
    assert "Maps of" not in text


def test_skill_reads_every_row(tmp_path):
    rows = forecast.skill(Record(write_forecast(tmp_path / "forecast.h5")))
    assert len(rows) == len(METHODS) * 2 * 2 * 2
    assert {row["method"] for row in rows} == set(METHODS)


def test_other_records_have_no_such_chapter(tmp_path):
    infer = records.write_infer(tmp_path / "infer.h5")
    output = tmp_path / "report.html"
    assert main([infer, "-o", str(output)]) == 0
    assert 'data-section="forecast"' not in output.read_text(encoding="utf-8")
