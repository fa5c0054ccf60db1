#!/usr/bin/env bash
# The script that many projects carry, written carefully: it looks ten times a second, and ends what it has started.
set -e
cd "$(dirname "$0")"
trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT

node db.mjs &
until (exec 3<>"/dev/tcp/127.0.0.1/$DB_PORT") 2>/dev/null; do sleep 0.1; done
node migrate.mjs
node api.mjs &
until curl -sf "http://127.0.0.1:$API_PORT/health" >/dev/null; do sleep 0.1; done
node check.mjs
