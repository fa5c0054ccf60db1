#!/bin/sh
# Installs the Node of a version (`20.12.0`, `latest`) into a folder of its own, and prints the folder of its binary.
set -eu
into=$(mktemp -d)
package="node-$(node -p 'process.platform + "-" + process.arch')"
npm install --silent --no-audit --no-fund --prefix "$into" "$package@$1" >&2
echo "$into/node_modules/$package/bin"
