#!/bin/sh
# A plain child.
. "${0%/*}/born.sh"
born child
exec sleep 120
