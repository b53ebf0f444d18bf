#!/usr/bin/env bash
# Every layer's shape, parameters and formula, before a single step.
set -euo pipefail
cd "$(dirname "$0")"
URL=${TRAINYARD_URL:-http://127.0.0.1:8080}

# Shapes, counts, multiply-adds and bytes; an even kernel pads asymmetrically, and the formula shows it.
curl -fsS "$URL/v1/models:validate" -H 'Content-Type: application/json' -d @model.json
