#!/bin/sh
# What the image's own script does that matters here: an empty folder becomes a database of POSTGRES_USER, with its password.
set -e
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  password=$(mktemp)
  printf '%s\n' "$POSTGRES_PASSWORD" >"$password"
  initdb --username="$POSTGRES_USER" --pwfile="$password" --auth-host=scram-sha-256 --auth-local=trust
  rm "$password"
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  echo "CREATE DATABASE ${POSTGRES_DB:-$POSTGRES_USER}" | postgres --single postgres
fi
exec "$@" -c listen_addresses='*'
