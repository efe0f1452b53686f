package io.aiopslab.tasks.collector.callback;

import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How callbacks are sent; keys begin with {@code aiopslab.callbacks}.
 *
 * @param secret {@code whsec_<base64>}; several with spaces between them sign side by side, so that
 *     receivers can move from one to the next; empty to send without signature
 * @param allowed private places that callbacks may reach all the same: addresses, CIDR ranges, host
 *     names
 * @param retryAfter how long after each failure to try again; after the last one no more
 * @param deadline for one attempt from connecting to the answer
 * @param connectTimeout for each address of the host
 * @param lease how long a claimed delivery is left to a collector that may have died
 * @param pollInterval how often to look for callbacks that are due
 * @param concurrency most callbacks under way at once
 * @param perHost most callbacks under way at once to one host
 * @param maxBody largest body; parts of a larger one are left out, and named
 * @param breakerCalls how many of the last calls to a host are looked at: when 80 % of them failed,
 *     the host is left alone for a while
 * @param breakerPause how long a failing host is left alone
 */
@ConfigurationProperties("aiopslab.callbacks")
record CallbackSettings(
    @DefaultValue("") String secret,
    @DefaultValue List<String> allowed,
    @DefaultValue({"5s", "5m", "30m", "2h", "5h", "10h", "14h", "20h", "24h"})
        List<Duration> retryAfter,
    @DefaultValue("10s") Duration deadline,
    @DefaultValue("3s") Duration connectTimeout,
    @DefaultValue("60s") Duration lease,
    @DefaultValue("500ms") Duration pollInterval,
    @DefaultValue("16") int concurrency,
    @DefaultValue("4") int perHost,
    @DefaultValue("1MB") DataSize maxBody,
    @DefaultValue("10") int breakerCalls,
    @DefaultValue("30s") Duration breakerPause) {
  private static final String PREFIX = "aiopslab.callbacks.";

  CallbackSettings {
    allowed = List.copyOf(allowed);
    retryAfter = List.copyOf(retryAfter);
    require(
        retryAfter.stream().noneMatch(Duration::isNegative),
        "retry-after must not have negative times: " + retryAfter);
    require(
        deadline.toMillis() >= 100 && deadline.compareTo(Duration.ofMinutes(2)) <= 0,
        "deadline must be 100ms to 2m, not " + deadline);
    require(
        connectTimeout.toMillis() >= 10 && connectTimeout.compareTo(deadline) <= 0,
        "connect-timeout (%s) must be 10ms to deadline (%s)".formatted(connectTimeout, deadline));
    require(
        lease.compareTo(deadline.multipliedBy(2)) >= 0,
        "lease (%s) must be at least 2 x deadline (%s), or callbacks are sent twice while their first sender still waits"
            .formatted(lease, deadline));
    require(pollInterval.toMillis() >= 10, "poll-interval must be at least 10ms: " + pollInterval);
    require(
        concurrency >= 1 && concurrency <= 256,
        "concurrency must be 1 to 256, not " + concurrency + ": each takes a thread");
    require(
        perHost >= 1 && perHost <= concurrency,
        "per-host (%d) must be 1 to concurrency (%d)".formatted(perHost, concurrency));
    require(
        maxBody.toKilobytes() >= 16 && maxBody.toMegabytes() <= 64,
        "max-body must be 16KB to 64MB, not " + maxBody);
    require(breakerCalls >= 1, "breaker-calls must be at least 1: " + breakerCalls);
    require(breakerPause.toMillis() >= 1, "breaker-pause must be at least 1ms: " + breakerPause);
  }

  private static void require(boolean holds, String sentence) {
    if (!holds) {
      throw new IllegalArgumentException(PREFIX + sentence);
    }
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return "CallbackSettings[signed=%s, allowed=%s, retryAfter=%s]"
        .formatted(!secret.isBlank(), allowed, retryAfter);
  }
}
