#!/bin/sh
# Says what is missing before a build or a run fails in a way that is hard to read.
# Usage: check-tools.sh PYTHON
set -eu

python=${1:-python3}

fail() {
  echo "error: $1" >&2
  exit 1
}

command -v java >/dev/null 2>&1 ||
  fail "no java on PATH. Install a JDK 17 or newer (Debian: apt-get install openjdk-17-jdk-headless)."
command -v javac >/dev/null 2>&1 ||
  fail "java is there, javac is not: a JRE cannot build. Install a JDK 17 or newer."
major=$(javac -version 2>&1 | sed 's/^javac \([0-9]*\).*/\1/')
[ "$major" -ge 17 ] || fail "javac is version $major. Install a JDK 17 or newer and put it first on PATH."
command -v "$python" >/dev/null 2>&1 ||
  fail "no $python on PATH. Install Python 3.9 or newer, or name yours: make run PYTHON=/path/to/python3"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 9))' ||
  fail "$python is older than 3.9. Name a newer one: make run PYTHON=/path/to/python3"
