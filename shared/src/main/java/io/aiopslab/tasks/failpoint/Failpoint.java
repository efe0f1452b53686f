package io.aiopslab.tasks.failpoint;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Places where a service can be made to die, so that tests can show what a crash exactly there
 * leaves behind. Only the Java system property {@code aiopslab.failpoint} names one, as {@code
 * after-claim-before-spawn}, or {@code after-claim-before-spawn:3} for the third time that it is
 * reached. No setting and no request can; without the property each place costs one comparison.
 */
public enum Failpoint {
  /** task-api: the row is committed, its ticket is not yet sent. */
  AFTER_COMMIT_BEFORE_PUBLISH,
  /** task-worker: the row says running, no runner was started. */
  AFTER_CLAIM_BEFORE_SPAWN,
  /** task-worker: the runner has ended, its result is not yet reported. */
  AFTER_EXIT_BEFORE_RESULT,
  /** result-collector: events are committed, their messages are not yet acknowledged. */
  AFTER_INSERT_BEFORE_ACKNOWLEDGE,
  /**
   * result-collector: the statement that ends a task, and whose trigger writes its callback down,
   * is done but not committed: neither or both are found afterwards.
   */
  BETWEEN_ENDING_AND_CALLBACK;

  /** The exit status of a process that was killed by SIGKILL. */
  public static final int EXIT_STATUS = 137;

  private static final String PROPERTY = "aiopslab.failpoint";
  private static final Logger log = LoggerFactory.getLogger(Failpoint.class);
  private static final @Nullable Failpoint ARMED = armed();
  private static final AtomicInteger LEFT = new AtomicInteger(times());

  /** The name of this place, as the property takes it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Halts the process, as if by SIGKILL, if this is the place and the time. */
  public void reached() {
    if (this == ARMED && LEFT.decrementAndGet() == 0) {
      log.error("Halting at the failpoint {}, as {} asks", label(), PROPERTY);
      Runtime.getRuntime().halt(EXIT_STATUS);
    }
  }

  private static @Nullable Failpoint armed() {
    String wanted = System.getProperty(PROPERTY, "").split(":", 2)[0];
    for (Failpoint place : values()) {
      if (place.label().equals(wanted)) {
        return place;
      }
    }
    if (!wanted.isEmpty()) {
      throw new IllegalArgumentException(
          PROPERTY + " names no failpoint: " + wanted + "; see " + Failpoint.class.getName());
    }
    return null;
  }

  private static int times() {
    String[] parts = System.getProperty(PROPERTY, "").split(":", 2);
    return parts.length == 2 ? Integer.parseInt(parts[1]) : 1;
  }
}
