#!/usr/bin/env bash
# The script that many projects have, but that it ends the server by its pid and not by pkill.
set -e
if [ -n "$BENCH_HTTP" ]; then ./http "$BENCH_HTTP"; else ./http & fi
./client "$PORT"
kill "$(cat "$BENCH_RECORDS/server.pid")"
