package io.aiopslab.tasks.task;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The callback of a task that has ended, as its row says.
 *
 * @param webhookId the same on every try
 * @param host with the port where the URL names one
 * @param failures in a row: the place in the retry schedule
 * @param nextAttemptAt null unless pending; while it is being sent, when it may be taken over
 * @param lastAttempt null before the first
 */
public record CallbackDelivery(
    UUID taskId,
    String webhookId,
    String url,
    String host,
    CallbackState state,
    int attempts,
    int failures,
    @Nullable Instant nextAttemptAt,
    @Nullable CallbackAttempt lastAttempt) {}
