#!/bin/sh
# Starts a service as far as it comes without servers, keeps which classes it loaded, and names that
# archive in the JVM's options. Usage: train.sh JAR FOLDER, with infra/jvm's files in FOLDER.
set -eu
jar=$1
folder=$2

# From Java 25 on one run makes a cache that holds more than classes.
if java -XX:+PrintFlagsFinal -version 2>/dev/null | grep -q AOTCacheOutput; then
  archive=$folder/service.aot make=AOTCacheOutput use=AOTCache
else
  archive=$folder/service.jsa make=ArchiveClassesAtExit use=SharedArchiveFile
fi
scratch=$(mktemp -d)
java "@$folder/service.options" "@$folder/container.options" "@$folder/training.options" \
  "-XX:$make=$archive" "-Daiopslab.worker.spool-directory=$scratch/spool" \
  "-Daiopslab.worker.scratch-directory=$scratch" -jar "$jar"
rm -rf "$scratch"
test -s "$archive"
chmod a+r "$archive"
echo "-XX:$use=$archive" >> "$folder/container.options"
