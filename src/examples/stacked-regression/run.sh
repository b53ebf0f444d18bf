#!/usr/bin/env bash
# House prices by two sparse autoencoders, a linear unit on the codes of the second, and fine-tuning: one job in phases.
# boston.csv is the dataset Boston of the R package MASS (GPL-2 | GPL-3; Harrison and Rubinfeld 1978).
set -euo pipefail
cd "$(dirname "$0")"
URL=${TRAINYARD_URL:-http://127.0.0.1:8080}

# 1. Upload the rows.
curl -fsS "$URL/v1/datasets?name=boston" -H 'Content-Type: text/csv' --data-binary @boston.csv

# 2. Start the job; its path is in the header Location.
JOB=$(curl -fsS -D - -o /dev/null "$URL/v1/jobs" -H 'Content-Type: application/json' -d @job.json | sed -n 's/^[Ll]ocation: *\([^ \r]*\).*/\1/p')

# 3. Wait until it is done; test_rmse is in 1000 dollars.
curl -fsS "$URL${JOB#"$URL"}?wait=60"

# 4. Draw the predicted prices of the test rows against the true ones.
curl -fsS "$URL${JOB#"$URL"}/plots/predicted" -H 'Accept: image/svg+xml' -o /dev/null

# 5. Predict, and read the codes.
curl -fsS "$URL/v1/models/boston/versions/latest/predict" -H 'Content-Type: application/json' -d @predict.json
