#!/usr/bin/env bash
# House prices by five networks: each validates on another fold of the rows, and their mean is answered.
set -euo pipefail
cd "$(dirname "$0")"
URL=${TRAINYARD_URL:-http://127.0.0.1:8080}

# 1. Make the sample a dataset.
curl -fsS -X POST "$URL/v1/samples/houses"

# 2. Train the five in one job. A recipe writes their layers.
JOB=$(curl -fsS -D - -o /dev/null "$URL/v1/jobs" -H 'Content-Type: application/json' -d @job.json | sed -n 's/^[Ll]ocation: *\([^ \r]*\).*/\1/p')
until curl -fsS "$URL${JOB#"$URL"}" | grep -q '"done":true'; do sleep 0.2; done

# 3. What each says of the rows that it has not seen, and the rows and the best epoch of each.
curl -fsS "$URL${JOB#"$URL"}/evaluation"
curl -fsS "$URL/v1/models/houses-ensemble/versions/latest"

# 4. Predict: the mean, an interval, and how much the five differ.
curl -fsS "$URL/v1/models/houses-ensemble/versions/latest/predict" -H 'Content-Type: application/json' -d @predict.json
