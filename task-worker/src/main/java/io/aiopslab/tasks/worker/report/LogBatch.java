package io.aiopslab.tasks.worker.report;

import io.aiopslab.tasks.message.RunEventBody.Logged;
import java.util.ArrayList;
import java.util.List;

/** Log lines that will travel in one message: up to 500 and about 512 KiB. */
final class LogBatch {
  private static final int MOST_LINES = 500;
  private static final long MOST_BYTES = 512 * 1024;

  private final List<Logged.Line> lines = new ArrayList<>();
  private long bytes;

  void add(Logged.Line line, long lineBytes) {
    lines.add(line);
    bytes += lineBytes;
  }

  boolean isEmpty() {
    return lines.isEmpty();
  }

  boolean isFull() {
    return lines.size() >= MOST_LINES || bytes >= MOST_BYTES;
  }

  int lines() {
    return lines.size();
  }

  long bytes() {
    return bytes;
  }

  Logged message(long firstSeq) {
    return new Logged(firstSeq, lines);
  }

  void clear() {
    lines.clear();
    bytes = 0;
  }
}
