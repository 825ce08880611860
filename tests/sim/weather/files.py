# SPDX-License-Identifier: BSD-3-Clause
"""Weather files as others read them: python3 files.py BINARY. Makes a small data set and a test
case, and opens them with h5py, numpy and, where it is installed, xarray."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np

SMALL = ["--set", "lat=16", "--set", "time_step_s=3600", "--set", "years.days=2",
         "--set", "years.train=1", "--set", "years.spin_up_days=1", "--quiet"]


def generate(binary, *arguments):
    subprocess.run([binary, "generate", "weather", *arguments], check=True, stdout=subprocess.DEVNULL)


def check_fields(path, times, channels, lat, lon):
    with h5py.File(path) as file:
        fields = file["fields"]
        assert fields.shape == (times, channels, lat, lon) and fields.dtype == np.float32
        assert fields.chunks == (1, 1, lat, lon) and fields.compression is None
        scales = [list(axis.keys()) for axis in fields.dims]
        assert scales == [["timestamp"], ["channel"], ["lat"], ["lon"]], scales
        assert file["timestamp"].dtype == np.float64 and file["channel"].dtype.kind == "S"
        assert len(file["channel"].attrs["units"]) == channels
        assert np.isfinite(fields[:]).all()
        return fields[:].astype(np.float64)


def check_xarray(path):
    try:
        import xarray
    except ImportError:
        print("xarray is absent: skipped")
        return
    with xarray.open_dataset(path, engine="h5netcdf") as data:
        assert data["fields"].dims == ("timestamp", "channel", "lat", "lon")
        assert str(data["timestamp"].values[1]).startswith("1979-01-01T06"), data["timestamp"]
        assert data["lat"].attrs["units"] == "degrees_north"


def main():
    binary = str(Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, "weather")
        generate(binary, *SMALL, "--output", made)
        fields = check_fields(made / "train/1979.h5", 8, 6, 16, 32)
        check_xarray(made / "train/1979.h5")
        means, deviations = (np.load(made / f"stats/global_{name}.npy") for name in ("means", "stds"))
        times = np.load(made / "stats/time_means.npy")
        assert means.shape == deviations.shape == (1, 6, 1, 1) and times.shape == (1, 6, 16, 32)
        np.testing.assert_allclose(times[0], fields.mean(axis=0), rtol=1e-5, atol=1e-9)
        np.testing.assert_allclose(deviations.ravel(), fields.std(axis=(0, 2, 3)), rtol=1e-5)
        with h5py.File(made / "static/orography.h5") as file:
            assert file["orog"].shape == (16, 32) and 500 < file["orog"][:].max() < 1500
        about = json.loads((made / "data.json").read_text())
        assert about["h5_path"] == "fields" and about["dhours"] == 6
        assert len(about["coords"]["lat"]) == 16 and len(about["coords"]["channel"]) == 6

        case = Path(folder, "case.h5")
        generate(binary, "--case", "williamson2", "--set", "lat=16", "--set", "days=1", "--output", case)
        fields = check_fields(case, 2, 5, 16, 32)
        np.testing.assert_allclose(fields[1], fields[0], rtol=1e-4, atol=1e-4)
    print("h5py, numpy and xarray read what was written")


if __name__ == "__main__":
    main()
