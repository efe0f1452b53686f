package io.aiopslab.tasks.broker;

/**
 * A message to be published.
 *
 * @param messageId the same on every try, so that a receiver can tell a repeat; empty for a message
 *     that has none, which is to be published alone
 * @param body JSON
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record Outgoing(Route route, String messageId, byte[] body) {}
