package io.aiopslab.tasks.collector.collect;

import java.util.Locale;

/** Why a readable event was kept as evidence and not applied. */
enum StaleReason {
  UNKNOWN_TASK("there is no such task, or nobody ever claimed it"),
  OTHER_SESSION("the task belongs to another session"),
  ALREADY_ENDED("the task had ended before its run reported an end");

  private final String sentence;

  StaleReason(String sentence) {
    this.sentence = sentence;
  }

  String sentence() {
    return sentence;
  }

  String tag() {
    return name().toLowerCase(Locale.ROOT);
  }
}
