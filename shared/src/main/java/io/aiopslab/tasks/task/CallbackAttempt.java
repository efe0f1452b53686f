package io.aiopslab.tasks.task;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One try of a callback.
 *
 * @param number from 1 without gaps
 * @param at when it began, by the database's clock
 * @param status of the HTTP answer; null if none came
 * @param errorKind null if the callback was delivered
 * @param error a sentence that a person can act on; null if the callback was delivered
 */
public record CallbackAttempt(
    int number,
    Instant at,
    long durationMs,
    @Nullable Integer status,
    @Nullable CallbackError errorKind,
    @Nullable String error) {}
