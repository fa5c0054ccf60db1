#!/usr/bin/env bash
# What `docker compose up --wait` does, for versions that do not know --wait: up, then look at the health until all is well.
set -e
cd "$(dirname "$0")"
trap 'docker-compose down --timeout 2 >/dev/null 2>&1' EXIT

docker-compose up --detach
api=$(docker-compose ps -q api)
until [[ $(docker inspect --format '{{.State.Health.Status}}' "$api") == healthy ]]; do sleep 0.1; done
node ../check.mjs
