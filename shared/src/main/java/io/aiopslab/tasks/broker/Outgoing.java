package io.aiopslab.tasks.broker;

/**
 * A message to be published.
 *
 * @param messageId the same on every try, so that a receiver can tell a repeat
 * @param body JSON
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record Outgoing(Route route, String messageId, byte[] body) {}
