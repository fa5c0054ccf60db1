#!/bin/sh
# Prints the class path of Temporal's test server for Java, of Maven Central, which is kept for later. It serves tests of agents where
# Temporal's command cannot be had, except those that restart the server or ask that command: it keeps everything in memory.
set -eu
version=1.32.0
kept=${XDG_CACHE_HOME:-$HOME/.cache}/shakedown-tests/temporal-java-$version
if [ ! -d "$kept" ]; then
  mkdir -p "$(dirname "$kept")"
  work=$(mktemp -d "$kept.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  cat > "$work/pom.xml" <<END
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>shakedown</groupId>
  <artifactId>tests</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.temporal</groupId>
      <artifactId>temporal-test-server</artifactId>
      <version>$version</version>
    </dependency>
  </dependencies>
</project>
END
  mvn --quiet --batch-mode --file "$work/pom.xml" dependency:copy-dependencies -DoutputDirectory="$work/jars" >&2
  mv "$work/jars" "$kept"
fi
echo "$kept/*"
