#!/usr/bin/env bash
# Two dense layers read one input; their matrix product is flattened and gives a number.
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

# 1. Eight rows, each a [3, 4] tensor and a number.
curl -fsS "$URL/v1/datasets?name=branched-rows" -H 'Content-Type: application/json' -d @rows.json

# 2. Ten steps of Adam on all rows.
train job.json

# 3. The prediction, and the [3, 3] product inside the network.
curl -fsS "$URL/v1/models/branched-graph/versions/latest/predict" -H 'Content-Type: application/json' -d @predict.json
