package io.aiopslab.tasks.worker.cluster;

import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** What a tool said last, short enough for a sentence. */
final class LastLines {
  private static final int MOST_CHARACTERS = 300;

  /** kubectl's own log, which says every try before the reason is said in words. */
  private static final Predicate<String> KLOG =
      Pattern.compile("[IWEF]\\d{4} \\d\\d:").asPredicate();

  private LastLines() {}

  static String of(String errors) {
    List<String> lines = errors.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    List<String> words = lines.stream().filter(KLOG.negate()).toList();
    String text = String.join("; ", words.isEmpty() ? lines : words);
    int length = text.length();
    if (length == 0) {
      return "it gave no reason";
    }
    return length <= MOST_CHARACTERS ? text : "…" + text.substring(length - MOST_CHARACTERS);
  }
}
