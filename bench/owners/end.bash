#!/usr/bin/env bash
# end.bash COMMAND…: a script that starts a command in a process group of its own, says its pid, ends the group when
# told to, and says how many microseconds that took.
export LC_ALL=C
set -m
"$@" &
pid=$!
echo "$pid"
read -r _
from=$EPOCHREALTIME
kill -- "-$pid"
wait "$pid" 2>/dev/null
until=$EPOCHREALTIME
echo "$((${until/./} - ${from/./}))"
# It stays, so that its CPU time can be read.
read -r _
