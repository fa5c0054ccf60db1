#!/usr/bin/env bash
# The script that many projects carry as integration/run, written the way it usually is: this is what Shakedown is
# compared with. One line differs from what is found in the wild. There the server is ended by name
# (pkill -f 'wsgi:app'), which ends whatever bears that name on a machine that others may be using; here it is ended
# by its pid, which costs bash less.
set -e
cd "$(dirname "$0")"
export PYTHONMALLOC=debug
export PORT="${PORT:-8001}"
names="${*:-thread http init}"

if [[ $names == *thread* ]]; then
  echo 'thread...'
  ./thread
fi

if [[ $names == *http* ]]; then
  echo 'http...'
  ./http --daemon
  sleep 2
  ./client "$PORT"
  kill "$(cat "$BENCH_RECORDS/server.pid")"
fi

if [[ $names == *typestubs* ]]; then
  echo 'typestubs...'
  python typestubs.py
  mypy typestubs.py
fi

if [[ $names == *init* ]]; then
  echo 'init...'
  ./init
fi
