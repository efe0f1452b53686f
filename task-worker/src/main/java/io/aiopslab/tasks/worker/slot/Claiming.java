package io.aiopslab.tasks.worker.slot;

import io.aiopslab.tasks.store.TaskClaims;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.worker.report.EventSpool;
import io.aiopslab.tasks.worker.report.SpoolFullException;
import io.aiopslab.tasks.worker.run.Claim;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims one task at a time. When a claim throws, nobody knows whether it was committed: the next
 * call asks that first, under the same session, so that no task is claimed and forgotten.
 */
final class Claiming {
  private static final Logger log = LoggerFactory.getLogger(Claiming.class);

  private final TaskClaims claims;
  private final Slot slot;
  private final ClaimMetrics metrics;
  private final EventSpool spool;
  private @Nullable UUID prepared;
  private @Nullable Attempt unknown;

  private record Attempt(UUID session, long nanos) {}

  Claiming(TaskClaims claims, EventSpool spool, Slot slot, ClaimMetrics metrics) {
    this.spool = spool;
    this.claims = claims;
    this.slot = slot;
    this.metrics = metrics;
  }

  /**
   * @throws SpoolFullException before anything is claimed, if there is no room for its events
   * @throws RuntimeException if the database cannot be asked
   */
  Optional<Claim> claim() {
    Optional<Claim> earlier = resolve();
    if (earlier.isPresent()) {
      return earlier;
    }
    boolean nothingWaited = prepared != null;
    Attempt attempt = new Attempt(sessionWithOutbox(), System.nanoTime());
    prepared = null;
    unknown = attempt;
    Optional<Task> task =
        claims.claim(
            slot.cluster().name(),
            slot.cluster().backendType(),
            attempt.session(),
            slot.cluster().isSteppable());
    unknown = null;
    if (task.isEmpty()) {
      prepared = attempt.session();
    }
    Optional<Claim> claim = task.flatMap(won -> toClaim(won, attempt));
    claim.ifPresentOrElse(won -> metrics.won(won, nothingWaited), metrics::empty);
    return claim;
  }

  /** One that no claim has used yet. */
  private UUID sessionWithOutbox() {
    UUID session = prepared == null ? UUID.randomUUID() : prepared;
    prepared = session;
    spool.prepare(session);
    return session;
  }

  /** Whether a claim may have been committed that nobody works on. */
  boolean isUnknown() {
    return unknown != null;
  }

  /** The task of the claim whose outcome is unknown, if it was committed. */
  Optional<Claim> resolve() {
    Attempt attempt = unknown;
    if (attempt == null) {
      return Optional.empty();
    }
    Optional<Task> task = claims.claimedBy(attempt.session());
    unknown = null;
    if (task.isEmpty()) {
      spool.discard(attempt.session());
    }
    task.ifPresent(
        found -> log.info("Task {} was claimed although the database did not answer", found.id()));
    return task.flatMap(found -> toClaim(found, attempt));
  }

  private static Optional<Claim> toClaim(Task task, Attempt attempt) {
    return Optional.ofNullable(task.run()).map(run -> new Claim(task, run, attempt.nanos()));
  }
}
