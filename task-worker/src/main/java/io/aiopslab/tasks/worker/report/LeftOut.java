package io.aiopslab.tasks.worker.report;

/** Log lines that were counted instead of kept. */
record LeftOut(long lines, long bytes) {
  static final LeftOut NOTHING = new LeftOut(0, 0);

  LeftOut plus(long moreLines, long moreBytes) {
    return new LeftOut(lines + moreLines, bytes + moreBytes);
  }

  boolean isNothing() {
    return lines == 0;
  }

  String sentence(String because) {
    return "%d log lines (%d bytes) were left out: %s".formatted(lines, bytes, because);
  }
}
