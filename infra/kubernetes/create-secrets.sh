#!/bin/sh
# Prints the Secrets that the overlays refer to, made of the files of infra/scripts/make-secrets.sh:
#   create-secrets.sh infra/secrets | kubectl apply -f -
set -eu
from=${1:?name the directory with the passwords}
make() {
  name=$1
  shift
  kubectl create secret generic "$name" --namespace aiopslab --dry-run=client -o yaml "$@"
  echo ---
}
for service in api worker collector; do
  set -- --from-file="spring.datasource.password=$from/postgres/aiopslab_$service" \
    --from-file="spring.rabbitmq.password=$from/rabbitmq/aiopslab_$service"
  if [ "$service" = api ]; then
    set -- "$@" --from-file="spring.liquibase.password=$from/postgres/aiopslab_migrator"
  fi
  make "aiopslab-$service" "$@"
done
make aiopslab-readonly --from-file="password=$from/postgres/aiopslab_readonly"

url=$(mktemp)
trap 'rm -f "$url"' EXIT
printf 'http://aiopslab_monitor:%s@rabbitmq.aiopslab.svc:15672/aiopslab' \
  "$(cat "$from/rabbitmq/aiopslab_monitor")" > "$url"
make aiopslab-monitor --from-file="password=$from/rabbitmq/aiopslab_monitor" --from-file="url=$url"

make postgres-superuser --type=kubernetes.io/basic-auth --from-literal=username=postgres \
  --from-file="password=$from/postgres/postgres"
# For overlays/dev; in production the operator makes its own.
make rabbitmq-admin --from-file="password=$from/rabbitmq/admin" --from-file="admin.conf=$from/rabbitmq/admin.conf"
