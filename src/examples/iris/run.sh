#!/usr/bin/env bash
# From a CSV to predictions: uploads iris, trains a classifier, predicts two flowers.
set -euo pipefail
cd "$(dirname "$0")"
URL=${TRAINYARD_URL:-http://127.0.0.1:8080}

# 1. Upload the rows; the answer shows a profile of each column.
curl -fsS "$URL/v1/datasets?name=iris" -H 'Content-Type: text/csv' --data-binary @iris.csv

# 2. Check the model before training: shapes, parameters, warnings. Then store it.
curl -fsS "$URL/v1/models:validate" -H 'Content-Type: application/json' \
  -d "{\"model\": $(cat model.json), \"dataset\": {\"name\": \"iris\"}}"
curl -fsS -X PUT "$URL/v1/models/iris" -H 'Content-Type: application/json' -d @model.json

# 3. Start a training job; its id is the first value of the answer.
JOB=$(curl -fsS "$URL/v1/jobs" -H 'Content-Type: application/json' -d @job.json | cut -d'"' -f4)

# 4. Wait until it is done, at most 60 seconds.
curl -fsS "$URL/v1/jobs/$JOB?wait=60"

# 5. Predict with the version it published. Without "versions/latest" the one that serves answers:
#    the model's first, until you promote another.
curl -fsS "$URL/v1/models/iris/versions/latest/predict" -H 'Content-Type: application/json' -d @predict.json
