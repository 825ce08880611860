#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The forecasting studies.
#   study.sh weather|t2m|fnoc|standard|reader [FOLDER]   results go to FOLDER (default results/forecast-NAME)
# CROSSJOULE_BIN names the binary, CROSSJOULE_RANKS the ranks (default: the cores), CROSSJOULE_DATA the
# folder with era5/ and fnoc/ (t2m, fnoc, reader), CROSSJOULE_PYTHON a Python for the report.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
name=${1:-weather}
case $name in weather | t2m | fnoc | standard | reader) ;; *)
  echo "study.sh: unknown study '$name' (must be weather, t2m, fnoc, standard or reader)" >&2; exit 2 ;;
esac
folder=${2:-$root/results/forecast-$name}
bin=${CROSSJOULE_BIN:-$root/build/crossjoule}
ranks=${CROSSJOULE_RANKS:-$(nproc)}
data=${CROSSJOULE_DATA:-$root/../shared/data}
python=${CROSSJOULE_PYTHON:-}

export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_mpi_yield_when_idle=1
many="$bin"
if command -v mpirun >/dev/null; then many="mpirun -n $ranks --bind-to none $bin"; fi
rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"
set -f  # brackets in --set are no file patterns
step() { printf '\n=== %s\n' "$*"; }
need() { [ -e "$1" ] || { echo "study.sh: $1 is missing: set CROSSJOULE_DATA" >&2; exit 2; }; }
report() {
  [ -n "$python" ] || return 0
  PYTHONPATH="$root/python" "$python" -m crossjoule.report "$@" -o report.html
  echo "open $(pwd)/report.html"
}

# shellcheck disable=SC2086  # lists of words
weather() {
  step "make ten years of the shallow-water planet"
  $many generate weather "$here/weather.toml"
  $many statistics --set 'data.files=["weather/train"]' --set climatology=day-and-hour --output weather-climatology
  step "train over one step"
  $many train "$here/train_weather.toml"
  step "fine-tune over two steps, then over four"
  $many train "$here/tune_weather.toml"
  $many train "$here/tune_weather.toml" --set training.start_from=weather-tuned-12.h5 --set network.steps=4 \
    --set training.epochs=4 --set training.learning_rate=1e-4 --output weather-tuned.h5
  step "forecast ten days from an unseen year"
  $many forecast "$here/forecast_weather.toml"
  step "an ensemble of ten"
  $many forecast "$here/forecast_weather.toml" --set ensemble.members=10 --set forecast.cases=12 --set forecast.batch=2 \
    --set 'fields.path=""' --output weather-ensemble.h5
  report weather-train.h5 weather-tuned-12.h5 weather-tuned.h5 weather-skill.h5 weather-ensemble.h5
}

# shellcheck disable=SC2086
t2m() {
  need "$data/era5/t2m-uk-2019-03.h5"
  ln -s "$data/era5/t2m-uk-2019-03.h5" .
  $many statistics t2m-uk-2019-03.h5 --set data.steps=576 --set climatology=hour-of-day --output t2m-statistics
  for lead in 1 6; do
    for seed in 1 2 3 4 5; do
      step "network for $lead h, seed $seed"
      $many train "$here/train_t2m_$lead.toml" --set seed=$seed --output t2m-$lead-$seed.h5
      $many forecast "$here/forecast_t2m_$lead.toml" --set network=t2m-$lead-$seed.h5 --output t2m-$lead-$seed-skill.h5
    done
  done
  step "mean of five seeds"
  for lead in 1 6; do
    "${python:-python3}" "$here/seeds.py" t2m-$lead-1-skill.h5 t2m-$lead-2-skill.h5 t2m-$lead-3-skill.h5 \
      t2m-$lead-4-skill.h5 t2m-$lead-5-skill.h5
  done
  report t2m-1-1.h5 t2m-1-1-skill.h5 t2m-6-1.h5 t2m-6-1-skill.h5
}

# shellcheck disable=SC2086
fnoc() {
  need "$data/fnoc/wind-global-monthly-1982-1992.h5"
  ln -s "$data/fnoc/wind-global-monthly-1982-1992.h5" .
  $many statistics wind-global-monthly-1982-1992.h5 --set data.steps=108 --set climatology=month --output fnoc-statistics
  $many train "$here/train_fnoc.toml"
  $many forecast "$here/forecast_fnoc.toml"
  report fnoc.h5 fnoc-skill.h5
}

# The 20-channel and the global sample through reader, statistics, two epochs and one forecast.
# shellcheck disable=SC2086
reader() {
  need "$data/era5/europe-20ch-2020-01-01.h5"
  small='--set network.kind=afno --set network.embed=32 --set network.depth=1 --set network.blocks=4
    --set data.kind=fields --set training.epochs=2 --set training.batch=4 --set training.micro_batch=2'
  $many statistics "$data/era5/europe-20ch-2020-01-01.h5" --output europe-statistics
  $many train $small --set "data.files=[\"$data/era5/europe-20ch-2020-01-01.h5\"]" --set data.statistics=europe-statistics \
    --set data.crop=true --set network.patch=4 --set network.rows=40 --set network.columns=40 --output europe.h5
  $many forecast --set network=europe.h5 --set "data.files=[\"$data/era5/europe-20ch-2020-01-01.h5\"]" \
    --set data.statistics=europe-statistics --set forecast.steps=6 --set fields.path=europe-fields.h5 --output europe-skill.h5
  $many statistics "$data/era5/global-3deg" --set 'data.pattern=member-?.h5' --output global-statistics
  $many train $small --set "data.files=[\"$data/era5/global-3deg\"]" --set 'data.pattern=member-?.h5' \
    --set data.statistics=global-statistics --set network.channels_in=4 --set network.channels_out=4 --set network.patch=4 \
    --set network.rows=60 --set network.columns=120 --output global.h5
  $many forecast --set network=global.h5 --set "data.files=[\"$data/era5/global-3deg\"]" --set 'data.pattern=member-?.h5' \
    --set data.statistics=global-statistics --set forecast.steps=3 --set fields.path=global-fields.h5 --output global-skill.h5
}

# shellcheck disable=SC2086
standard() {
  "${python:-python3}" "$here/standard_fields.py" standard.fields.h5 6
  $many statistics standard.fields.h5 --output standard-statistics
  step "one training step of the published network"
  "$bin" train "$here/train_standard.toml"
  step "the same step with recomputation: less memory"
  "$bin" train "$here/train_standard.toml" --set training.recompute=true --output standard-recompute.h5
  step "24 hours"
  $many forecast "$here/forecast_standard.toml"
}

"$name"
