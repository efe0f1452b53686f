#!/usr/bin/env bash
# Sees to it that the tests find a real RabbitMQ; PostgreSQL they can bring along themselves.
# Does nothing where there is one: AIOPSLAB_TEST_AMQP_URL, a Docker engine, or rabbitmq-server.
# Otherwise installs Debian's rabbitmq-server; the tests start private nodes of it, and the
# machine's own service is neither started nor enabled. Likewise prometheus, for promtool.
set -euo pipefail

# Where the tests look: shared/src/test/java/io/aiopslab/tasks/testing/RabbitServerScript.java
is_installed() {
  local folder
  for folder in ${RABBITMQ_HOME:+"$RABBITMQ_HOME/sbin"} \
    /usr/lib/rabbitmq/bin /opt/homebrew/sbin /usr/local/sbin; do
    [[ -x $folder/rabbitmq-server ]] && return 0
  done
  return 1
}

# Within ten seconds; macOS has no `timeout`.
docker_answers() {
  command -v docker >/dev/null || return 1
  docker info >/dev/null 2>&1 </dev/null &
  local asked=$! try
  for ((try = 0; try < 100; try++)); do
    kill -0 "$asked" 2>/dev/null || { wait "$asked"; return; }
    sleep 0.1
  done
  kill -KILL "$asked"
  return 1
}

give_up() {
  cat >&2 <<EOF
$1
The tests that need a real RabbitMQ will be skipped. To have them run, do one of these:
  - start Docker
  - install rabbitmq-server: apt-get install rabbitmq-server, or brew install rabbitmq
  - name a broker: export AIOPSLAB_TEST_AMQP_URL=amqp://user:password@host:port/vhost
EOF
  [[ ${CI:-} != true ]] || exit 1
  exit 0
}

as_root() {
  if ((EUID == 0)); then "$@" </dev/null; else sudo -n "$@" </dev/null; fi
}

apt() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 -qq "$@"
}

install_server() {
  apt install -y --no-install-recommends "$1" ||
    { apt update && apt install -y --no-install-recommends "$1"; }
}

# A package asks policy-rc.d before it starts its service; 101 says no.
readonly policy=/usr/sbin/policy-rc.d
forbid_service_start() {
  if [[ ! -e $policy ]]; then
    trap 'as_root rm -f "$policy"' EXIT
    as_root sh -c "printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy"
  fi
}

disable_service() {
  if [[ -d /run/systemd/system ]]; then
    as_root systemctl --quiet disable --now "$1"
  fi
}

# Only where it is easy: test-alerts.sh says what to do without it.
ensure_promtool() {
  if ! command -v promtool >/dev/null && command -v apt-get >/dev/null && as_root true 2>/dev/null; then
    echo "The alerts are tested with promtool: installing Debian's prometheus; its service stays off." >&2
    forbid_service_start
    { install_server prometheus && disable_service prometheus; } >&2 ||
      echo "apt-get could not install prometheus." >&2
  fi
}

ensure_promtool
if [[ -n ${AIOPSLAB_TEST_AMQP_URL:-} ]] || is_installed || docker_answers; then
  exit 0
fi
command -v apt-get >/dev/null || give_up "No RabbitMQ, no Docker, and no apt-get to install one with."
as_root true 2>/dev/null || give_up "No RabbitMQ, no Docker, and no right to install one (not root, and sudo asks)."

echo "The tests need a real RabbitMQ: installing Debian's rabbitmq-server with apt-get." >&2
echo "Its system service stays off; the tests start private nodes and end them." >&2
forbid_service_start
install_server rabbitmq-server >&2 || give_up "apt-get could not install rabbitmq-server."
disable_service rabbitmq-server || echo "Could not switch the service off: systemctl disable --now rabbitmq-server" >&2
is_installed || give_up "rabbitmq-server was installed, but not where the tests look for it."
echo "RabbitMQ is there." >&2
