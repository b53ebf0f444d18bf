#!/usr/bin/env bash
# How many hidden neurons? Tries several sizes with cross-validation, ranks them and publishes the best.
set -euo pipefail
cd "$(dirname "$0")"
URL=${TRAINYARD_URL:-http://127.0.0.1:8080}

# 1. Make the sample a dataset.
curl -fsS -X POST "$URL/v1/samples/iris"

# 2. Start the sweep; its path is in the header Location.
SWEEP=$(curl -fsS -D - -o /dev/null "$URL/v1/sweeps" -H 'Content-Type: application/json' -d @sweep.json | sed -n 's/^[Ll]ocation: *\([^ \r]*\).*/\1/p')

# 3. Wait until it is done. The trials are ranked by the mean over the folds.
until curl -fsS "$URL${SWEEP#"$URL"}" | grep -q '^{"id":"[^"]*","kind":"sweep","model":"[^"]*","state":"[^"]*","done":true'; do sleep 0.2; done
curl -fsS "$URL${SWEEP#"$URL"}"

# 4. Predict with the version it published, which was trained on all rows but the test part. Without
#    "versions/latest" the one that serves answers: the model's first, until another is promoted.
curl -fsS "$URL/v1/models/hidden-neurons/versions/latest/predict" -H 'Content-Type: application/json' \
  -d '{"instances": [{"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}]}'
