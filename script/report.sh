# Sourced by the scripts beside it: how they speak to people. Messages go to stderr, results to stdout.
# Colour only on a terminal and only where NO_COLOR is not set.

if [[ -t 2 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
  bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
else
  bold='' dim='' green='' red='' plain=''
fi

# step TEXT        a new part of the work begins
step() { printf '%s==>%s %s\n' "$bold" "$plain" "$*" >&2; }
# note TEXT        a detail
note() { printf '    %s%s%s\n' "$dim" "$*" "$plain" >&2; }
# good TEXT        something is as it should be
good() { printf '%s ok%s %s\n' "$green" "$plain" "$*" >&2; }
# bad TEXT         something is not; the script goes on
bad() { printf '%s!! %s%s\n' "$red" "$*" "$plain" >&2; }
# stop CODE TEXT   what is wrong and what to do, then the end
stop() {
  local code=$1
  shift
  bad "$*"
  exit "$code"
}
# usage            prints the comment at the top of the calling script: its documentation is its help
usage() { sed -n '2,/^[^#]/{/^#/{s/^# \{0,1\}//;p}}' "$0"; }
