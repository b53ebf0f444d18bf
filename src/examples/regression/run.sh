#!/usr/bin/env bash
# A number instead of a class: uploads patients, trains a regression, predicts one.
set -euo pipefail
cd "$(dirname "$0")"
URL=${TRAINYARD_URL:-http://127.0.0.1:8080}

# 1. Upload the rows; the answer shows a profile of each column.
curl -fsS "$URL/v1/datasets?name=diabetes" -H 'Content-Type: text/csv' --data-binary @diabetes.csv

# 2. Check the model before training: shapes, parameters, warnings. Then store it.
curl -fsS "$URL/v1/models:validate" -H 'Content-Type: application/json' -d "{\"model\": $(cat model.json), \"dataset\": {\"name\": \"diabetes\"}}"
curl -fsS -X PUT "$URL/v1/models/diabetes" -H 'Content-Type: application/json' -d @model.json

# 3. Start a training job; its path is in the header Location.
JOB=$(curl -fsS -D - -o /dev/null "$URL/v1/jobs" -H 'Content-Type: application/json' -d @job.json | sed -n 's/^[Ll]ocation: *\([^ \r]*\).*/\1/p')

# 4. Wait until it is done.
until curl -fsS "$URL${JOB#"$URL"}" | grep -q '"done":true'; do sleep 0.2; done
curl -fsS "$URL${JOB#"$URL"}"

# 5. Predict with the version it published. Without "versions/latest" the one that serves answers:
#    the model's first, until you promote another.
curl -fsS "$URL/v1/models/diabetes/versions/latest/predict" -H 'Content-Type: application/json' -d @predict.json
