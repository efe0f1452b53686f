package io.aiopslab.tasks.api.remote;

import io.aiopslab.tasks.api.dispatch.TicketOutbox;
import io.aiopslab.tasks.api.look.LookRounds;
import io.aiopslab.tasks.store.HeartbeatTrust;
import io.aiopslab.tasks.store.SchemaGate;
import io.aiopslab.tasks.store.UnheardClaims;
import io.aiopslab.tasks.store.UnheardClaims.Requeued;
import io.aiopslab.tasks.trace.LogKeys;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * Gives tasks back whose claim was answered to somebody who has not been heard of since. Here and
 * not in the collector, because it is this service that hears of these workers: it gives nothing
 * back until it has been up, and has reached the database, for as long as they may be silent.
 */
@Component
class RequeueUnheardClaims implements SmartLifecycle {
  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final Logger log = LoggerFactory.getLogger(RequeueUnheardClaims.class);

  private final SchemaGate database;
  private final UnheardClaims claims;
  private final TicketOutbox tickets;
  private final Duration after;
  private final HeartbeatTrust trust;
  private final Counter requeued;
  private final LookRounds rounds;

  RequeueUnheardClaims(
      SchemaGate database,
      UnheardClaims claims,
      TicketOutbox tickets,
      RemoteSettings settings,
      MeterRegistry meters) {
    this.database = database;
    this.claims = claims;
    this.tickets = tickets;
    this.after = settings.requeueUnheardAfter();
    this.trust = new HeartbeatTrust(InstantSource.system(), INTERVAL.multipliedBy(3), after);
    this.requeued =
        Counter.builder("aiopslab.remote.claims.requeued")
            .description("Claims undone because nothing was heard of their workers")
            .register(meters);
    this.rounds = new LookRounds("unheard-claims", INTERVAL, () -> false, this::runOnce);
  }

  private void runOnce() {
    try {
      if (database.isOpen() && trust.afterContact()) {
        claims.requeue(after).forEach(this::tell);
      }
    } catch (DataAccessException | TransactionException e) {
      log.debug("Cannot look for unheard claims now", e);
    }
  }

  private void tell(Requeued task) {
    tickets.offer(task.ticket());
    requeued.increment();
    try (var named = LogKeys.task(task.ticket().taskId())) {
      log.warn(
          "Task {} is pending again: worker {} claimed it and was not heard of for {}. Look whether"
              + " that worker lives, and whether its connections break off",
          task.ticket().taskId(),
          task.workerId(),
          after);
    }
  }

  @Override
  public void start() {
    rounds.start();
  }

  @Override
  public void stop() {
    rounds.stop();
  }

  @Override
  public boolean isRunning() {
    return rounds.isRunning();
  }
}
