package io.aiopslab.tasks.worker.cluster;

/** What a tool said last, short enough for a sentence. */
final class LastLines {
  private static final int MOST_CHARACTERS = 300;

  private LastLines() {}

  static String of(String errors) {
    String text = errors.strip().replaceAll("\\s*\\R\\s*", "; ");
    int length = text.length();
    if (length == 0) {
      return "it gave no reason";
    }
    return length <= MOST_CHARACTERS ? text : "…" + text.substring(length - MOST_CHARACTERS);
  }
}
