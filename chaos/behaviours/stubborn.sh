#!/bin/sh
# Heeds no polite signal. What is ignored stays so in the program that is executed.
. "${0%/*}/born.sh"
trap '' TERM INT HUP QUIT USR1 USR2
born stubborn
exec sleep 120
