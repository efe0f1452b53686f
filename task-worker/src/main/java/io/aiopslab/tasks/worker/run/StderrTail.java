package io.aiopslab.tasks.worker.run;

import java.util.ArrayDeque;
import java.util.Deque;

/** The last lines of standard error, about 4,000 characters: where a crash says why. */
final class StderrTail {
  private static final int MOST_CHARACTERS = 4000;

  private final Deque<String> lines = new ArrayDeque<>();
  private int characters;

  synchronized void add(String line) {
    String kept = line.substring(0, Math.min(line.length(), MOST_CHARACTERS));
    lines.addLast(kept);
    characters += kept.length() + 1;
    while (characters > MOST_CHARACTERS && lines.size() > 1) {
      characters -= lines.removeFirst().length() + 1;
    }
  }

  synchronized String text() {
    return String.join("\n", lines).strip();
  }
}
