package io.aiopslab.tasks.api.workers;

import io.aiopslab.tasks.api.relay.TicketRelay;
import io.aiopslab.tasks.loop.Loops;
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
import org.springframework.stereotype.Component;

/**
 * Gives tasks back whose claim was answered to somebody who has not been heard of since. Here and
 * not in the collector, because it is this service that hears of these workers: it gives nothing
 * back until it has been up, and has reached the database, for as long as they may be silent.
 */
@Component
class RequeueUnheardClaims {
  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final Logger log = LoggerFactory.getLogger(RequeueUnheardClaims.class);

  private final SchemaGate database;
  private final UnheardClaims claims;
  private final TicketRelay tickets;
  private final Duration after;
  private final HeartbeatTrust trust;
  private final Counter requeued;

  RequeueUnheardClaims(
      SchemaGate database,
      UnheardClaims claims,
      TicketRelay tickets,
      RemoteSettings settings,
      Loops loops,
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
    loops
        .loop("unheard-claims")
        .every(INTERVAL)
        .saying("Claims of workers that are gone cannot be undone now")
        .run(this::runOnce);
  }

  private void runOnce() {
    if (database.isOpen() && trust.afterContact()) {
      claims.requeue(after).forEach(this::tell);
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
}
