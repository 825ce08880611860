# SPDX-License-Identifier: BSD-3-Clause
"""Carbon-intensity series of the electricity grid: the CSV files that `crossjoule carbon` reads,
and the JSON that the same sources send."""

import csv
import hashlib
import io
import json
import math
import os
from dataclasses import dataclass, field
from datetime import datetime, timezone

import numpy as np

from .errors import BadInput

#: lb/MWh to g/kWh, exactly.
GRAM_PER_POUND_TIMES_MWH = 0.45359237
_LARGEST = 1e5
_STORED = ("t_utc_ns", "g_per_kwh", "estimated")


@dataclass(frozen=True)
class Series:
    """g/kWh from each moment until the next; the last value holds for one usual step. `kind` is
    average (for attribution) or marginal (for decisions): they are never mixed."""

    kind: str
    time_ns: np.ndarray
    g_per_kwh: np.ndarray
    estimated: np.ndarray
    place: str = ""
    column: str = ""
    file: str = ""
    digest: str = ""  #: of the file, with the name of its method: "SHA-256 …", "xxh3 …"
    dropped: int = 0
    stated_step_ns: int = 0  #: where the values are a part of a longer series
    is_stored: bool = False  #: kept in the record itself

    @property
    def step_ns(self):
        if self.stated_step_ns:
            return self.stated_step_ns
        steps = np.diff(self.time_ns)
        return int(np.sort(steps)[len(steps) // 2]) if len(steps) else 3_600_000_000_000

    @property
    def is_constant(self):
        """One value for all times: a yearly mean."""
        return len(self.time_ns) == 0

    @property
    def end_ns(self):
        return int(self.time_ns[-1]) + self.step_ns

    def at(self, time_ns):
        """g/kWh at a moment, NaN outside of the series."""
        if self.is_constant:
            return float(self.g_per_kwh[0])
        if not self.time_ns[0] <= time_ns < self.end_ns:
            return math.nan
        return float(self.g_per_kwh[np.searchsorted(self.time_ns, time_ns, "right") - 1])


def read_grid(path, column="direct", place=""):
    """A series from a CSV (Electricity Maps; WattTime; time and intensity in g/kWh) or a JSON file
    (the same services' answers; with `place`, a yearly mean of a table by country).

    `column` is "direct" or "lca" where a file has both. Rows that cannot be read, repeats and
    stamps out of order are dropped and counted. BadInput for anything else."""
    path = os.fspath(path)
    if column not in ("direct", "lca"):
        raise BadInput(f"column = {column} (neither direct nor lca) use one of them")
    try:
        with open(path, "rb") as stream:
            content = stream.read()
        text = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise BadInput(f"{path} cannot be read ({reason}) give a CSV or JSON file") from error
    rows = _Rows(path, f"SHA-256 {hashlib.sha256(content).hexdigest()}")
    if text.lstrip()[:1] in ("{", "["):
        return _from_json(text, rows, column, place)
    return _from_csv(text, rows, column)


@dataclass
class _Rows:
    """Values as they come; `series` makes them one."""

    file: str
    digest: str
    time: list = field(default_factory=list)
    value: list = field(default_factory=list)
    estimated: list = field(default_factory=list)
    dropped: int = 0
    place: str = ""

    def take_all(self, points):
        """(stamp, value, factor, estimated) in any order: answers come newest first as well."""
        known = [point for point in points if _moment_ns(point[0]) is not None]
        self.dropped += len(points) - len(known)
        for point in sorted(known, key=lambda point: _moment_ns(point[0])):
            self.take(*point)

    def take(self, stamp, value, factor=1.0, estimated=False):
        time, number = _moment_ns(stamp), _number(value)
        is_sound = time is not None and 0 <= number < _LARGEST
        if not is_sound or (self.time and time <= self.time[-1]):
            self.dropped += 1
            return
        self.time.append(time)
        self.value.append(number * factor)
        self.estimated.append(bool(estimated))

    def series(self, kind, column):
        if not self.time:
            raise BadInput(
                f"{self.file} holds no intensity (every row was unreadable) check the file"
            )
        return Series(
            kind,
            np.array(self.time, dtype=np.int64),
            np.array(self.value),
            np.array(self.estimated, dtype=bool),
            self.place,
            column,
            os.path.basename(self.file),
            self.digest,
            self.dropped,
        )


def stored(record, label="default"):
    """The Series that `crossjoule carbon --write` left in a record; [] where there are none."""
    found = []
    for kind in ("average", "marginal"):
        group = f"/energy/carbon/{label}/grid/{kind}"
        if not record.exists(f"{group}/g_per_kwh"):
            continue
        facts = record.attributes(group)
        columns = [record.array(f"{group}/{name}").values for name in _STORED]
        found.append(
            Series(
                kind,
                columns[0].astype(np.int64),
                columns[1].astype(float),
                columns[2].astype(bool),
                str(facts.get("place", "")),
                str(facts.get("column", "")),
                os.path.basename(str(facts.get("file", ""))),
                f"xxh3 {facts.get('file_xxh3', '')}",
                int(facts.get("dropped", 0)),
                int(float(facts.get("step_s", 0)) * 1e9),
                True,
            )
        )
    return [series for series in found if len(series.time_ns)]


def _moment_ns(text):
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        text = str(text)
    text = str(text or "").strip()
    if not text:
        return None
    digits = _number(text)
    if math.isfinite(digits):  # a Unix time: s, ms or ns
        scale = 10**9 if digits < 1e11 else 10**6 if digits < 1e14 else 1
        return int(digits) * scale
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00").replace(" UTC", "+00:00"))
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    since = moment - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return ((since.days * 86_400 + since.seconds) * 10**6 + since.microseconds) * 1000


def _number(value):
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def _from_csv(text, rows, column):
    reader = csv.reader(io.StringIO(text))
    heading = [name.strip() for name in next(reader, [])]
    found = _columns(heading, column)
    if found["time"] is None or found["value"] is None:
        raise BadInput(
            f"{rows.file} is no intensity series (no columns of time and carbon intensity or"
            " MOER) see docs/energy_report.md"
        )
    marginal = found["kind"] == "marginal"

    def cell(row, name):
        index = found[name]
        return row[index].strip() if index is not None and index < len(row) else ""

    for row in reader:
        if not row:
            continue
        rows.take(
            cell(row, "time"),
            cell(row, "value"),
            GRAM_PER_POUND_TIMES_MWH if marginal else 1.0,
            cell(row, "estimated").lower() == "true",
        )
        rows.place = rows.place or cell(row, "place")
    return rows.series(found["kind"], heading[found["value"]])


def _columns(heading, column):
    found = {"time": None, "value": None, "place": None, "estimated": None, "kind": "average"}
    for index, name in enumerate(heading):
        word = name.lower()
        if found["time"] is None and word.startswith(("datetime", "time", "point_time")):
            found["time"] = index
        if word == "zone id" or (word.startswith("zone") and found["place"] is None):
            found["place"] = index
        if word == "data estimated":
            found["estimated"] = index
        forms = {"lca": "(lca)" in word or "(life cycle)" in word, "direct": "(direct)" in word}
        is_bare = not any(forms.values()) and found["value"] is None
        if "carbon intensity" in word and (forms[column] or is_bare):
            found.update(value=index, kind="average")
        if word in ("moer", "value") and found["value"] is None:
            found.update(value=index, kind="marginal")
    return found


def _from_json(text, rows, column, place):
    try:
        document = json.loads(text)
    except ValueError as error:
        raise BadInput(f"{rows.file} is not JSON ({error}) give the file as it came") from error
    if isinstance(document, list):
        is_rated = any(isinstance(p, dict) and {"rating", "Rating"} & set(p) for p in document)
        if is_rated:
            return _carbon_aware(document, rows)
        if any(isinstance(p, dict) and "carbonIntensity" in p for p in document):
            return _electricity_maps({}, document, rows, column)
    if isinstance(document, dict):
        for name in ("emissions", "Emissions"):
            if isinstance(document.get(name), list):
                return _carbon_aware(document[name], rows)
        for name in ("history", "forecast"):  # Electricity Maps
            if isinstance(document.get(name), list):
                return _electricity_maps(document, document[name], rows, column)
        if isinstance(document.get("data"), list):
            points = document["data"]
            if any(isinstance(point, dict) and "intensity" in point for point in points):
                return _british(points, rows)
            if any(isinstance(point, dict) and "carbonIntensity" in point for point in points):
                return _electricity_maps(document, points, rows, column)
            return _watttime(document, rows)
        if any(isinstance(one, dict) and "carbon_intensity" in one for one in document.values()):
            return _yearly(document, rows, place)
    raise BadInput(
        f"{rows.file} is no intensity series (none of the known JSON forms) see"
        " docs/energy_report.md"
    )


def _electricity_maps(document, points, rows, column):
    """{"zone", "history": [{"datetime", "carbonIntensity", "isEstimated", ...}]}"""
    rows.place = str(document.get("zone", ""))
    types = {str(p.get("emissionFactorType", "")) for p in points if isinstance(p, dict)} - {""}
    wanted = "lifecycle" if column == "lca" else "direct"
    if types and wanted not in types:
        raise BadInput(
            f"{rows.file} holds {' and '.join(sorted(types))} factors (asked for {wanted}) use"
            f" --column {'lca' if 'lifecycle' in types else 'direct'}"
        )
    found = [
        (p.get("datetime"), p.get("carbonIntensity"), 1.0, p.get("isEstimated") is True)
        for p in points
        if isinstance(p, dict) and str(p.get("emissionFactorType", wanted)) == wanted
    ]
    rows.take_all(found)
    return rows.series(
        "average", f"carbonIntensity ({next(iter(types & {wanted}), 'type unsaid')})"
    )


def _watttime(document, rows):
    """{"data": [{"point_time", "value"}], "meta": {"region", "signal_type", "units"}}"""
    meta = document.get("meta") if isinstance(document.get("meta"), dict) else {}
    signal, units = str(meta.get("signal_type", "co2_moer")), str(meta.get("units", ""))
    if signal not in ("co2_moer", "co2_aoer"):
        raise BadInput(
            f"{rows.file} holds {signal} (neither co2_moer nor co2_aoer) ask for one of these"
        )
    if units and units.replace("lbs", "lb") != "lb_co2_per_mwh":
        raise BadInput(f"{rows.file} is in {units} (not lbs_co2_per_mwh) convert it first")
    rows.place = str(meta.get("region", ""))
    points = [point for point in document["data"] if isinstance(point, dict)]
    stamps = [point.get("point_time", point.get("timestamp")) for point in points]
    values = [point.get("value") for point in points]
    rows.take_all([(*one, GRAM_PER_POUND_TIMES_MWH, False) for one in zip(stamps, values)])
    return rows.series("marginal" if signal == "co2_moer" else "average", signal)


def _british(points, rows):
    """The GB carbon intensity API: {"data": [{"from", "intensity": {"actual", "forecast"}}]}"""
    rows.place = "GB"
    found = []
    for point in points:
        intensity = point.get("intensity") if isinstance(point, dict) else None
        intensity = intensity if isinstance(intensity, dict) else {}
        actual = intensity.get("actual")
        value = intensity.get("forecast") if actual is None else actual
        found.append(((point if intensity else {}).get("from"), value, 1.0, actual is None))
    rows.take_all(found)
    return rows.series("average", "intensity")


def _carbon_aware(points, rows):
    """The Carbon Aware SDK: [{"location", "time", "rating" in g/kWh}]"""
    found = [
        {key.lower(): value for key, value in p.items()} for p in points if isinstance(p, dict)
    ]
    rows.place = next((str(p["location"]) for p in found if p.get("location")), "")
    rows.take_all([(p.get("time"), p.get("rating"), 1.0, False) for p in found])
    return rows.series("average", "rating")


def _yearly(document, rows, place):
    """A table by country: {"ESP": {"carbon_intensity": g/kWh, "country_name", "year"}, ...}"""
    if not place:
        raise BadInput(f"{rows.file} is a table by country (no place was named) use --place ESP")
    for code, row in document.items():
        if not isinstance(row, dict):
            continue
        if place.lower() in (code.lower(), str(row.get("country_name", "")).lower()):
            value = _number(row.get("carbon_intensity"))
            if 0 <= value < _LARGEST:
                name = str(row.get("country_name", code))
                year = f" {row['year']}" if row.get("year") else ""
                return Series(
                    "average",
                    np.empty(0, dtype=np.int64),
                    np.array([value]),
                    np.array([True]),
                    name,
                    f"yearly mean{year}",
                    os.path.basename(rows.file),
                    rows.digest,
                )
    raise BadInput(f"{rows.file} has no intensity of {place} (no such row) name a country code")
