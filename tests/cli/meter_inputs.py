# SPDX-License-Identifier: BSD-3-Clause
"""Logs of energy tools, recordings and a tree without sensors, for the command-line tests."""


def make(folder):
    """Logs and trees that `meter`, `account`, `carbon` read."""
    for device in ("node", "package"):  # ten minutes of 100 W, ten times a second
        rows = "".join(f"{k}00000000,100\n" for k in range(1, 6001))
        (folder / f"{device}.csv").write_text(f"# device = {device}\nt_ns,watts\n{rows}")
    guest = folder / "guest/proc"  # a machine without any sensor
    guest.mkdir(parents=True)
    (guest / "stat").write_text("cpu  1000 0 0 9000 0 0 0 0 0 0\n")
    (guest / "cpuinfo").write_text("processor\t: 0\nmodel name\t: A CPU\nflags\t\t: hypervisor\n\n")
    (guest / "meminfo").write_text("MemTotal: 8000000 kB\n")
    (folder / "smi.csv").write_text("timestamp, index, power.draw [W]\n" + "".join(
        f"2023/01/30 14:25:{10 + k}.123, 0, {60 + k}.20 W\n" for k in range(20)))
    (folder / "smi_bad.csv").write_text("timestamp, index, power.draw [W]\nyesterday, 0, [N/A]\n")
    (folder / "sacct.txt").write_text("JobID|Elapsed|ConsumedEnergyRaw|NodeList\n7|00:10:00|60000|n1\n")
    (folder / "sacct_rounded.txt").write_text("JobID|Elapsed|ConsumedEnergy|NodeList\n7|00:10:00|1.05M|n1\n")
    (folder / "emissions.csv").write_text(
        "timestamp,run_id,duration,emissions,cpu_energy,gpu_energy,ram_energy,energy_consumed\n"
        "2026-01-01T00:00:00,a,10,1e-5,1e-4,0,1e-4,2e-4\n")
    (folder / "impact.json").write_text("".join(
        '{"timestamp": %d, "rapl_estimated_attributable_power_draw": 40.5, '
        '"nvidia_estimated_attributable_power_draw": 60}\n' % (1572548470 + k) for k in range(5)))
    heading = ("task_name,load_type,cpu_name,cpu_load,rapl_power,estimated_power,tapo_power\n"
               "t,all,A CPU,0,1,9,50\n")  # the first row is dropped
    for name, watts in (("load_a", (40, 80)), ("load_b", (60, 120))):  # the wall takes 50 W + 2 x
        (folder / f"{name}.csv").write_text(heading + "".join(
            f"t,all,A CPU,50,{watt + k},{watt},{50 + 2 * (watt + k)}\n" for watt in watts for k in (0, 5)))
    (folder / "words.txt").write_text("nothing that any tool writes\n")
    (folder / "grid.csv").write_text("Time,Carbon Intensity\n1971-01-01 00:00:00,300\n2100-01-01 00:00:00,300\n")
    (folder / "moer.json").write_text(
        '{"data": [{"point_time": "1971-01-01T00:00:00Z", "value": 1000},'
        ' {"point_time": "2100-01-01T00:00:00Z", "value": 1000}],'
        ' "meta": {"region": "R", "signal_type": "co2_moer", "units": "lbs_co2_per_mwh"}}')
    (folder / "old_grid.csv").write_text("Time,Carbon Intensity\n1971-01-01 00:00:00,300\n1971-01-01 01:00:00,9\n")
    (folder / "not_a_grid.csv").write_text("a,b\n1,2\n")
