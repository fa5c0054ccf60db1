#!/bin/sh
# spawn.sh N: the same in a shell, which waits for nobody to be up.
n=0
pids=
while [ "$n" -lt "$1" ]; do
  sh -c 'echo up; exec sleep 600' >/dev/null &
  pids="$pids $!"
  n=$((n + 1))
done
kill $pids
wait
