#!/usr/bin/env bash
# Images of hand-written digits; the folder of an image is its class.
set -euo pipefail
cd "$(dirname "$0")"
URL=${TRAINYARD_URL:-http://127.0.0.1:8080}

# 1. Make the sample a dataset, and read its first rows.
curl -fsS -X POST "$URL/v1/samples/digits"
curl -fsS "$URL/v1/datasets/digits/versions/latest/rows?page_size=2"

# 2. Store the model.
curl -fsS -X PUT "$URL/v1/models/digits" -H 'Content-Type: application/json' -d @model.json

# 3. Start a training job; its path is in the header Location.
JOB=$(curl -fsS -D - -o /dev/null "$URL/v1/jobs" -H 'Content-Type: application/json' -d @job.json | sed -n 's/^[Ll]ocation: *\([^ \r]*\).*/\1/p')

# 4. Wait until it is done.
until curl -fsS "$URL${JOB#"$URL"}" | grep -q '"done":true'; do sleep 0.2; done
curl -fsS "$URL${JOB#"$URL"}"

# 5. Predict with the version it published. Without "versions/latest" the one that serves answers:
#    the model's first, until you promote another.
curl -fsS "$URL/v1/models/digits/versions/latest/predict" -H 'Content-Type: application/json' -d @predict.json
