#!/usr/bin/env bash
# Runs the exporter with the connection string of the user `monitor`, and exits with code 0 on SIGTERM.
set -euo pipefail

MONGODB_URI=$(cat /secrets/mongodb-uri)
export MONGODB_URI
mongodb_exporter --collector.diagnosticdata --collector.replicasetstatus --log.level=error &
exporter=$!
trap 'kill "$exporter" 2> /dev/null; wait "$exporter" || true; exit 0' TERM INT
wait "$exporter"
