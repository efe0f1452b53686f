#!/usr/bin/env bash
# Checks Prometheus's configuration and alerts, runs the alerts' tests, and compares names: every
# alert has a test and a section in the runbook, every metric of alerts and dashboards is documented.
set -euo pipefail
cd "$(dirname "$0")/../prometheus"

"${PYTHON:-python3}" ../scripts/check-alerts.py

if ! command -v promtool >/dev/null; then
  cat >&2 <<EOF
No promtool: the alerts' own tests are not run. Install it (apt-get install prometheus, or
brew install prometheus), then: make test-alerts
EOF
  [[ ${CI:-} != true ]] || exit 1
  exit 0
fi
promtool check config prometheus.yml
promtool test rules alerts_test.yml
