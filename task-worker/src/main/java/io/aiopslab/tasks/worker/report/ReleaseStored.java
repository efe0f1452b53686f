package io.aiopslab.tasks.worker.report;

import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.loop.Loops;
import io.aiopslab.tasks.store.StoredRuns;
import io.aiopslab.tasks.store.StoredRuns.Standing;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.core.AmqpAdmin;
import org.springframework.amqp.core.QueueInformation;
import org.springframework.stereotype.Component;

/**
 * Lets go of what a run said once the database has it. What the broker has confirmed can still be
 * lost with its queue: if it is not stored within {@code resend-after}, and no events wait at the
 * broker, all of it is sent again, which is harmless. Each time it is given twice as long.
 */
@Component
public class ReleaseStored {
  private static final Logger log = LoggerFactory.getLogger(ReleaseStored.class);
  private static final Duration LONGEST_PATIENCE = Duration.ofMinutes(2);
  private static final int MOST_DOUBLINGS = 10;

  /** With the default patience, a quarter of an hour in which collectors had nothing else to do. */
  private static final int MOST_SENDINGS = 12;

  private final EventSpool spool;
  private final StoredRuns stored;
  private final AmqpAdmin broker;
  private final Duration resendAfter;
  private final Counter resent;
  private final Counter unstored;

  ReleaseStored(
      EventSpool spool,
      StoredRuns stored,
      AmqpAdmin broker,
      WorkerSettings settings,
      Loops loops,
      MeterRegistry meters) {
    this.spool = spool;
    this.stored = stored;
    this.broker = broker;
    this.resendAfter = settings.resendAfter();
    this.resent = meters.counter("aiopslab.worker.runs.resent");
    this.unstored = meters.counter("aiopslab.worker.runs.unstored");
    loops
        .loop("spool-release")
        .every(KeptRun.FIRST_LOOK)
        .inPhase(SpoolSender.PHASE)
        .saying(
            "Cannot ask whether what runs said is stored; it is kept meanwhile. If it goes on, see"
                + " that PostgreSQL runs and that infra/postgres/roles.sql was applied after the"
                + " upgrade")
        .run(this::runOnce);
  }

  /** Asks about every run whose time has come; nobody while nothing is kept. */
  void runOnce() {
    List<KeptRun> due = spool.kept().due();
    while (!due.isEmpty()) {
      judge(due);
      due = spool.kept().due();
    }
  }

  private void judge(List<KeptRun> due) {
    Map<UUID, Standing> standings =
        stored.standings(due.stream().flatMap(run -> run.file().report().stream()).toList());
    for (KeptRun run : due) {
      switch (standings.getOrDefault(run.file().session(), Standing.MISSING)) {
        case STORED -> spool.kept().release(run);
        case OVERRULED -> {
          if (run.file().sendings() > 1) {
            spool.kept().release(run);
          } else {
            wait(run);
          }
        }
        case MISSING -> wait(run);
      }
    }
  }

  private void wait(KeptRun run) {
    run.lookLater();
    try {
      if (!run.isKeptFor(patience(run.file().sendings())) || eventsWait()) {
        run.file().rest();
      } else if (run.file().sendings() < MOST_SENDINGS) {
        log.info("Not stored yet, sent again: what session {} said", run.file().session());
        spool.sendAgain(run);
        resent.increment();
      } else if (spool.kept().take(run)) {
        unstored.increment();
        log.error(
            "What session {} said was sent {} times and is not stored whole; it is kept as {}. Look"
                + " into the table dead_letters for the reason",
            run.file().session(),
            MOST_SENDINGS,
            run.file().setAside());
      }
    } catch (IOException e) {
      log.error("{} was needed once more and cannot be used: {}", run.file().path(), e.toString());
    }
  }

  private Duration patience(int sendings) {
    Duration doubled = resendAfter.multipliedBy(1L << Math.min(sendings - 1, MOST_DOUBLINGS));
    return doubled.compareTo(LONGEST_PATIENCE) < 0 ? doubled : LONGEST_PATIENCE;
  }

  /** Then collectors are only slow, or away: sending again would bury them. */
  private boolean eventsWait() {
    try {
      QueueInformation queue = broker.getQueueInfo(Topology.EVENTS_QUEUE);
      return queue != null && queue.getMessageCount() > 0;
    } catch (AmqpException e) {
      log.debug("The broker is away", e);
      return true;
    }
  }
}
