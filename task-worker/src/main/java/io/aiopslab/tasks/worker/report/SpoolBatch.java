package io.aiopslab.tasks.worker.report;

import static java.util.stream.Collectors.toCollection;

import io.aiopslab.tasks.broker.Outgoing;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The next messages of all runs: up to 500, and up to 4 MiB or a single larger one. */
final class SpoolBatch {
  private static final int MOST_MESSAGES = 500;
  private static final long MOST_BYTES = 4L * 1024 * 1024;

  private final List<Entry> entries = new ArrayList<>();
  private long bytes;

  private record Entry(SpoolFile file, Outgoing message, long end) {}

  /** Each run gets a share, so that a flood in one does not hold up the others. */
  static SpoolBatch from(List<SpoolFile> files) throws IOException {
    List<SpoolFile> waiting = files.stream().filter(file -> !file.isDrained()).toList();
    SpoolBatch batch = new SpoolBatch();
    for (int i = 0; i < waiting.size(); i++) {
      int runsLeft = waiting.size() - i;
      batch.take(
          waiting.get(i),
          Math.max(1, (MOST_MESSAGES - batch.entries.size()) / runsLeft),
          Math.max(1, (MOST_BYTES - batch.bytes) / runsLeft));
    }
    return batch;
  }

  private void take(SpoolFile file, int mostMessages, long mostBytes) throws IOException {
    int messages = 0;
    long taken = 0;
    Optional<SpoolFile.Read> next = file.read(file.confirmed());
    while (next.isPresent() && messages < mostMessages) {
      SpoolFile.Read read = next.get();
      int length = read.event().body().length;
      if (messages > 0 && taken + length > mostBytes) {
        break;
      }
      entries.add(new Entry(file, read.event().toMessage(), read.end()));
      messages++;
      taken += length;
      next = file.read(read.end());
    }
    bytes += taken;
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  List<Outgoing> messages() {
    return entries.stream().map(Entry::message).toList();
  }

  /** The runs of which messages are in here. */
  Set<SpoolFile> files() {
    return entries.stream().map(Entry::file).collect(toCollection(LinkedHashSet::new));
  }

  /**
   * Advances each run over what arrived, up to its first message that may not have.
   *
   * @return how many messages of each run were advanced over, of all runs in here
   */
  Map<SpoolFile, Integer> confirm(Set<String> arrived) {
    Map<SpoolFile, Integer> counts = new LinkedHashMap<>();
    Set<SpoolFile> stuck = new HashSet<>();
    for (Entry entry : entries) {
      SpoolFile file = entry.file();
      if (arrived.contains(entry.message().messageId()) && !stuck.contains(file)) {
        file.confirm(entry.end());
        counts.merge(file, 1, Integer::sum);
      } else {
        stuck.add(file);
        counts.putIfAbsent(file, 0);
      }
    }
    return counts;
  }
}
