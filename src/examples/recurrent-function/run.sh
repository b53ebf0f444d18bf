#!/usr/bin/env bash
# A formula after a recurrent network; both are trained together.
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

# 1. Rows of an 8-step series and a number.
curl -fsS "$URL/v1/datasets?name=series" -H 'Content-Type: application/json' -d @series.json

# 2. Train: the gradient flows through f into the recurrent network.
train job.json

# 3. Predict: the result of f, and the number before f.
curl -fsS "$URL/v1/models/recurrent-function/versions/latest/predict" -H 'Content-Type: application/json' -d @predict.json
