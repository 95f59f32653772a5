#!/bin/sh
# Run once by the image of PostgreSQL, on an empty volume: a role for each kind of process, with the password
# of its address, and a database for Dagster's records. `monitr migrate` grants the rights.
set -eu
folder="${SECRETS_FOLDER:-/run/secrets}"

password_of() {
    address="$(cat "$folder/$1")"
    address="${address#*://*:}"
    printf '%s' "${address%%@*}"
}

psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --set importer="$(password_of MONITR_DATABASE_URL)" \
    --set web="$(password_of MONITR_WEB_DATABASE_URL)" \
    --set dagster="$(password_of MONITR_DAGSTER_DATABASE_URL)" <<'SQL'
create role monitr_importer login bypassrls password :'importer';
create role monitr_web login password :'web';
create role monitr_dagster login password :'dagster';
create database dagster owner monitr_dagster;
revoke connect on database dagster from public;
SQL
