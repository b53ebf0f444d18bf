#!/usr/bin/env bash
# From a CSV to a model that answers: uploads iris, trains a classifier, asks it about two flowers.
set -euo pipefail
cd "$(dirname "$0")"
URL=${TRAINYARD_URL:-http://127.0.0.1:8080}

# 1. Upload the rows; the answer shows the columns and what is in them.
curl -fsS "$URL/v1/datasets?name=iris" -H 'Content-Type: text/csv' --data-binary @iris.csv

# 2. Check the model before anything is trained: shapes, parameters, warnings. Then store it.
curl -fsS "$URL/v1/models:validate" -H 'Content-Type: application/json' -d "{\"model\": $(cat model.json), \"dataset\": {\"name\": \"iris\"}}"
curl -fsS -X PUT "$URL/v1/models/iris" -H 'Content-Type: application/json' -d @model.json

# 3. Start a training job; Location says where to follow it.
JOB=$(curl -fsS -D - -o /dev/null "$URL/v1/jobs" -H 'Content-Type: application/json' -d @job.json | sed -n 's/^[Ll]ocation: *\([^ \r]*\).*/\1/p')

# 4. Watch it until it is done.
until curl -fsS "$URL${JOB#"$URL"}" | grep -q '"done":true'; do sleep 0.2; done
curl -fsS "$URL${JOB#"$URL"}"

# 5. Ask the version it made.
curl -fsS "$URL/v1/models/iris/predict" -H 'Content-Type: application/json' -d @predict.json
