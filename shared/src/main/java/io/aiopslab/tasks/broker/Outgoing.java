package io.aiopslab.tasks.broker;

import io.aiopslab.tasks.task.TraceParent;
import org.jspecify.annotations.Nullable;

/**
 * A message to be published.
 *
 * @param messageId the same on every try, so that a receiver can tell a repeat; empty for a message
 *     that has none, which is to be published alone
 * @param body JSON
 * @param trace what the message is about continues it; null if nothing is known
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record Outgoing(Route route, String messageId, byte[] body, @Nullable TraceParent trace) {

  public Outgoing(Route route, String messageId, byte[] body) {
    this(route, messageId, body, null);
  }
}
