#!/usr/bin/env bash
# A wide table with labels as text: every column but the label is an input.
set -euo pipefail
cd "$(dirname "$0")"
URL=${TRAINYARD_URL:-http://127.0.0.1:8080}

# 1. Make the sample a dataset, and read its first rows.
curl -fsS -X POST "$URL/v1/samples/tumours"
curl -fsS "$URL/v1/datasets/tumours/versions/latest/rows?page_size=2"

# 2. Store the model.
curl -fsS -X PUT "$URL/v1/models/tumours" -H 'Content-Type: application/json' -d @model.json

# 3. Start a training job; its path is in the header Location.
JOB=$(curl -fsS -D - -o /dev/null "$URL/v1/jobs" -H 'Content-Type: application/json' -d @job.json | sed -n 's/^[Ll]ocation: *\([^ \r]*\).*/\1/p')

# 4. Wait until it is done.
until curl -fsS "$URL${JOB#"$URL"}" | grep -q '"done":true'; do sleep 0.2; done
curl -fsS "$URL${JOB#"$URL"}"

# 5. Predict with the version it published. Without "versions/latest" the one that serves answers:
#    the model's first, until you promote another.
curl -fsS "$URL/v1/models/tumours/versions/latest/predict" -H 'Content-Type: application/json' -d @predict.json

# 6. See what it does on the test rows, and which columns it uses.
curl -fsS "$URL${JOB#"$URL"}/evaluation"
curl -fsS "$URL/v1/models/tumours/versions/latest/evaluation" -H 'Content-Type: application/json' -d @evaluation.json

# 7. Draw curves as PNG and the decision over two columns as SVG.
curl -fsS "$URL${JOB#"$URL"}/plots/curves" -H 'Accept: image/png' -o /dev/null
curl -fsS "$URL/v1/models/tumours/versions/latest/plots" -H 'Content-Type: application/json' -H 'Accept: image/svg+xml' -d @plot.json -o /dev/null
