#!/usr/bin/env bash
# A trained version becomes a layer of new models: frozen, so that only the new layers learn, and trained in turn with
# a formula.
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

# 1. The rows, and a first model trained on them.
curl -fsS "$URL/v1/datasets?name=nested-series" -H 'Content-Type: application/json' -d @series.json
train inner.json

# 2. A second model that nests the newest version of the first one, frozen.
train outer.json

# 3. A third model that trains a formula with the nested version frozen, then the version with the formula frozen.
train alternating.json

# 4. Predict, and read the output of the nested layer.
curl -fsS "$URL/v1/models/outer/versions/latest/predict" -H 'Content-Type: application/json' -d @predict.json
