#!/usr/bin/env bash
# Validates everything in deploy/ without a network, a cluster or a container engine, with the tools that are installed:
# promtool (alert rules), kubectl or kustomize (manifests), kubernetes-validate (their schema), docker (compose file).
# A missing tool is reported and skipped. CHECK_STRICT=1 makes a missing tool a failure.
set -uo pipefail
cd "$(dirname "$0")/.."

failed=0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

check () {
  local name=$1; shift
  if "$@" > "$dir/output" 2>&1; then echo "ok       $name"; else echo "failed   $name"; cat "$dir/output"; failed=1; fi
}
skip () {
  echo "skipped  $1"
  [ "${CHECK_STRICT:-}" != 1 ] || failed=1
}
has () { command -v "$1" > /dev/null; }

if has promtool; then
  check 'Prometheus configuration' promtool check config deploy/monitoring/prometheus.yml
  check 'alert rules fire on what they name' promtool test rules deploy/monitoring/alerts.test.yml
else
  skip 'alert rules: promtool is missing'
fi

check 'licenses of the dependencies' node deploy/sbom.mjs --check
check 'Grafana dashboard is JSON' node -e 'JSON.parse(require("fs").readFileSync(process.argv[1]))' \
  deploy/monitoring/grafana/dashboards/laurel.json

build=()
if has kustomize; then build=(kustomize build); elif has kubectl; then build=(kubectl kustomize); fi
if [ ${#build[@]} -eq 0 ]; then
  skip 'Kubernetes manifests: kubectl and kustomize are missing'
else
  for overlay in deploy/kubernetes/overlays/*/; do
    name=$(basename "$overlay")
    check "Kubernetes overlay $name builds" sh -c "${build[*]} $overlay > $dir/$name.yaml"
    if has kubernetes-validate; then
      check "Kubernetes overlay $name has the schema" kubernetes-validate --strict "$dir/$name.yaml"
    else
      skip "schema of the overlay $name: kubernetes-validate is missing (PyPI)"
    fi
  done
fi

for script in deploy/*.sh deploy/*/*.sh; do check "$script is valid shell" bash -n "$script"; done

if has docker && docker compose version > /dev/null 2>&1; then
  check 'compose file' docker compose --profile monitoring --profile redis config --quiet
else
  skip 'compose file: docker compose is missing'
fi

exit "$failed"
