# The same as born.py, for scripts of the shell, which has one digit for a descriptor: `. born.sh; born ROLE`.
exec 6<>life 8<marker 9>>births

born() {
  read -r stat </proc/self/stat
  # The name, in parentheses, is `(sh)`: no blank in it.
  # shellcheck disable=SC2086
  set -- "$1" $stat
  echo "$1 $$ ${23}" >&9
}
