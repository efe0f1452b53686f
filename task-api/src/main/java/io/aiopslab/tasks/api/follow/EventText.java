package io.aiopslab.tasks.api.follow;

import java.nio.charset.StandardCharsets;

/** Server-sent events as they are written. */
final class EventText {
  static final String HEARTBEAT = ": still here\n\n";

  private final StringBuilder text = new StringBuilder();

  /**
   * @param json on one line
   */
  void add(String event, Position id, String json) {
    text.append("id: ").append(id).append('\n');
    add(event, json);
  }

  /** An event that leaves the client's position as it is. */
  void add(String event, String json) {
    text.append("event: ").append(event).append("\ndata: ").append(json).append("\n\n");
  }

  void retry(long millis) {
    text.append("retry: ").append(millis).append("\n\n");
  }

  boolean isEmpty() {
    return text.isEmpty();
  }

  byte[] bytes() {
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
