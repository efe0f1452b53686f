#!/bin/sh
# Makes random passwords for compose and Kubernetes, one a file, where there are none yet.
# Usage: make-secrets.sh [DIRECTORY]; infra/secrets unless named, which git ignores.
set -eu
target=${1:-$(dirname "$0")/../secrets}

# The directory keeps others out; the files are readable because containers run as another user.
umask 077
mkdir -p "$target/postgres" "$target/rabbitmq"
secret() {
  [ -s "$target/$1" ] && return
  od -An -N24 -tx1 /dev/urandom | tr -d ' \n' > "$target/$1"
  chmod 444 "$target/$1"
}
for role in postgres aiopslab_migrator aiopslab_api aiopslab_worker aiopslab_collector aiopslab_readonly; do
  secret "postgres/$role"
done
for user in admin aiopslab_api aiopslab_worker aiopslab_collector aiopslab_monitor; do
  secret "rabbitmq/$user"
done
secret grafana

# The broker reads its first user, with this password, from a file of its own settings.
if ! [ -s "$target/rabbitmq/admin.conf" ]; then
  printf 'default_user = admin\ndefault_pass = %s\n' "$(cat "$target/rabbitmq/admin")" \
    > "$target/rabbitmq/admin.conf"
  chmod 444 "$target/rabbitmq/admin.conf"
fi
