#!/usr/bin/env bash
# Two sparse autoencoders, a softmax layer on the codes of the second, and fine-tuning of all three: one job in phases.
set -euo pipefail
cd "$(dirname "$0")"
URL=${TRAINYARD_URL:-http://127.0.0.1:8080}

# 1. The rows: a dataset that ships with the product.
curl -fsS -X POST "$URL/v1/samples/iris"

# 2. Start the job; its path is in the header Location.
JOB=$(curl -fsS -D - -o /dev/null "$URL/v1/jobs" -H 'Content-Type: application/json' -d @job.json | sed -n 's/^[Ll]ocation: *\([^ \r]*\).*/\1/p')

# 3. Wait until it is done, and see the loss of every phase.
curl -fsS "$URL${JOB#"$URL"}?wait=60"
curl -fsS "$URL${JOB#"$URL"}/metrics" -H 'Accept: text/csv'

# 4. Predict, and read the codes.
curl -fsS "$URL/v1/models/stacked/versions/latest/predict" -H 'Content-Type: application/json' -d @predict.json
