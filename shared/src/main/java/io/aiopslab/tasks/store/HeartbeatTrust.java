package io.aiopslab.tasks.store;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether an old heartbeat means a lost worker. While the database is away no worker can beat, so
 * after an outage every heartbeat is old; the workers get one limit of unbroken contact to beat
 * again before anyone is called lost. The same holds after the service's own start, which may have
 * been part of the outage.
 */
public final class HeartbeatTrust {
  private static final Logger log = LoggerFactory.getLogger(HeartbeatTrust.class);

  private final InstantSource clock;
  private final Duration longestGap;
  private final Duration probation;
  private @Nullable Instant lastContact;
  private Instant unbrokenSince = Instant.MIN;

  /**
   * @param longestGap between two contacts; a longer one was an outage
   * @param probation how long contact has to be unbroken
   */
  public HeartbeatTrust(InstantSource clock, Duration longestGap, Duration probation) {
    this.clock = clock;
    this.longestGap = longestGap;
    this.probation = probation;
  }

  /** To be called after each contact with the database; says whether heartbeats are trusted. */
  public synchronized boolean afterContact() {
    Instant now = clock.instant();
    Instant before = lastContact;
    if (before == null || now.isAfter(before.plus(longestGap)) || now.isBefore(before)) {
      unbrokenSince = now;
      log.info("Nobody is called silent for the next {}: heartbeats may be old", probation);
    }
    lastContact = now;
    return !now.isBefore(unbrokenSince.plus(probation));
  }
}
