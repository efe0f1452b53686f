#!/bin/bash
# Roles, grants and passwords at a database; libpq's variables (PGHOST, PGUSER, PGPASSWORD or
# PGPASSFILE, PGDATABASE) say where and as which superuser. May be repeated at any time.
#   setup.sh DIRECTORY [await-schema]
# DIRECTORY has a file for each role, named for it, with the password in it; roles without one keep
# theirs. await-schema: waits for task-api's migration first, whose tables are then granted.
set -euo pipefail
passwords=$1
here=$(dirname "$0")
sql() { psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 "$@"; }

for ((try = 0; ; try++)); do
  sql -c 'SELECT 1' >/dev/null && break
  ((try < 60)) || { echo "No database at ${PGHOST:-localhost} after 60 tries." >&2; exit 1; }
  sleep 2
done
if [[ ${2:-} == await-schema ]]; then
  # The newest of the migrations makes functions; the roles' file names them, and fails until then.
  for ((try = 0; ; try++)); do
    [[ $(sql -At -c "SELECT to_regclass('public.tasks') IS NOT NULL") == t ]] &&
      sql -f "$here/roles.sql" && break
    ((try < 150)) || { echo "task-api has not migrated within 5 minutes; look at its log." >&2; exit 1; }
    sleep 2
  done
else
  sql -f "$here/roles.sql"
fi
for role in aiopslab_migrator aiopslab_api aiopslab_worker aiopslab_collector aiopslab_readonly; do
  [[ -r $passwords/$role ]] || continue
  # A variable of psql, so that no password is on a command line.
  sql <<SQL
\set password \`cat "$passwords/$role"\`
SET log_statement = 'none';
ALTER ROLE $role PASSWORD :'password';
SQL
done
echo "Roles, grants and passwords are set."
