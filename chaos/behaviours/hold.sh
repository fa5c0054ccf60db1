#!/bin/sh
# Starts a real program with the marks of the harness: hold.sh PROGRAM…
. "${0%/*}/born.sh"
born holder
exec "$@"
