#!/bin/sh
# Starts a service as far as it comes without servers, keeps which classes it loaded, and names that
# archive in the JVM's options. Usage: train.sh JAR OPTIONS; writes beside OPTIONS.
set -eu
jar=$1
options=$2
folder=$(dirname "$options")

# From Java 25 on one run makes a cache that holds more than classes.
if java -XX:+PrintFlagsFinal -version 2>/dev/null | grep -q AOTCacheOutput; then
  archive=$folder/service.aot make=AOTCacheOutput use=AOTCache
else
  archive=$folder/service.jsa make=ArchiveClassesAtExit use=SharedArchiveFile
fi
scratch=$(mktemp -d)
java "@$options" "-XX:$make=$archive" -Xlog:disable -Xlog:all=error \
  -Dspring.context.exit=onRefresh -Dspring.liquibase.enabled=false -Dlogging.level.root=error \
  '-Daiopslab.worker.clusters[0].name=training' "-Daiopslab.worker.spool-directory=$scratch/spool" \
  "-Daiopslab.worker.scratch-directory=$scratch" -jar "$jar"
rm -rf "$scratch"
test -s "$archive"
chmod a+r "$archive"
echo "-XX:$use=$archive" >> "$options"
