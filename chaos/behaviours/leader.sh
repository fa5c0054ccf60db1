#!/bin/sh
# The command of a component: starts a behaviour, and then does what the harness says through the pipe `go`.
# leader.sh BEHAVIOUR…
. "${0%/*}/born.sh"
exec 7<go
born leader
if [ $# -gt 0 ]; then "$@" </dev/null 7<&- & fi
while read -r word rest <&7; do
  case $word in
    say) echo "$rest" ;;
    run) sh -c "$rest" 7<&- & ;;
    exit) exit "$rest" ;;
  esac
done
