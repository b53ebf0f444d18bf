#!/usr/bin/env bash
# A linear unit learns AND: its answer, cut at 0.5, is the gate. A perceptron learns it with its step.
set -euo pipefail
cd "$(dirname "$0")"
URL=${TRAINYARD_URL:-http://127.0.0.1:8080}

# Submits a job, waits until it ends, and prints it.
train() {
  local job
  job=$(curl -fsS -D - -o /dev/null "$URL/v1/jobs" -H 'Content-Type: application/json' -d @"$1" | sed -n 's/^[Ll]ocation: *\([^ \r]*\).*/\1/p')
  until curl -fsS "$URL${job#"$URL"}" | grep -q '"done":true'; do sleep 0.2; done
  curl -fsS "$URL${job#"$URL"}"
}

# 1. The gate's four rows.
curl -fsS "$URL/v1/datasets?name=and-gate" -H 'Content-Type: text/csv' --data-binary @gate.csv

# 2. One linear unit, trained on the squared error.
train job.json

# 3. Above 0.5 only for the last; outputs shows the unit before its transfer function.
curl -fsS "$URL/v1/models/and-gate/versions/latest/predict" -H 'Content-Type: application/json' -d @predict.json

# 4. Two linear layers in a row draw a warning: they equal one, and here it is.
curl -fsS "$URL/v1/models:validate" -H 'Content-Type: application/json' -d "$(sed 's/^  "dataset.*/  "dataset": {"name": "and-gate"}/; /^  "training/d' stacked.json)"
train stacked.json
curl -fsS "$URL/v1/models/stacked-linear/versions/latest/collapsed"

# 5. The perceptron rule learns the gate itself: step gives 0 or 1.
train perceptron.json
curl -fsS "$URL/v1/models/perceptron/versions/latest/predict" -H 'Content-Type: application/json' -d @predict.json
