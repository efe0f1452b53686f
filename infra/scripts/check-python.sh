#!/bin/sh
# Format, lint and types of the project's Python, with ruff and mypy in the versions of
# python-checks.txt: installed into target/python-checks, once for each list of them.
set -eu
cd "$(dirname "$0")/../.."

python=${PYTHON:-python3}
wanted=infra/scripts/python-checks.txt
tools=target/python-checks

if ! cmp -s "$wanted" "$tools/installed.txt"; then
  rm -rf "$tools"
  mkdir -p target
  if ! { "$python" -m venv "$tools" && "$tools/bin/pip" --quiet --disable-pip-version-check install -r "$wanted"; } >target/python-checks.log 2>&1; then
    cat target/python-checks.log >&2
    echo "ruff and mypy cannot be installed, so the Python code is not checked. Needed: the module venv (Debian: apt-get install python3-venv) and a package index that pip reaches." >&2
    [ "${CI:-}" != true ] || exit 1
    exit 0
  fi
  cp "$wanted" "$tools/installed.txt"
fi

bin=$PWD/$tools/bin
set -- infra/clients/python infra/examples infra/local infra/tests task-worker/src/main/python task-worker/src/test/python
"$bin/ruff" check --quiet --output-format concise "$@"
"$bin/ruff" format --quiet --check "$@"
types() {
  (cd "$1" && "$bin/mypy" --no-error-summary "$2")
}
types infra/clients/python aiopslab_tasks
types infra/local local_run
types infra/tests integration
types infra/tests containers
types task-worker/src/main/python aiopslab_runner
echo "Python: format, lint and types are in order."
