#!/usr/bin/env bash
# Run once by the database's image when its volume is empty: a role that owns the database and that row-level security binds.
set -euo pipefail
# psql takes the password as a variable of its own, and quotes it.
psql --set=ON_ERROR_STOP=1 --no-psqlrc --username "$POSTGRES_USER" --dbname postgres --set=password="$(cat /run/secrets/desk_password)" <<'SQL'
CREATE ROLE frontdesk LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE frontdesk OWNER frontdesk ENCODING 'UTF8' TEMPLATE template0;
SQL
