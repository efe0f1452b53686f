package io.aiopslab.tasks.api.remote;

import io.aiopslab.tasks.api.look.LookRounds;
import io.aiopslab.tasks.store.RemoteClaims;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.web.context.request.async.DeferredResult;

/**
 * Claims that wait for work. One thread asks for all of them with one query, and only while
 * somebody waits; of a backend it wakes no more than there are tasks, longest wait first.
 */
@Component
class ClaimWaits implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(ClaimWaits.class);

  /** The claim itself takes time too; this is only for a thread that has died. */
  private static final Duration GRACE = Duration.ofSeconds(30);

  private final RemoteClaims claims;
  private final ConcurrentLinkedQueue<Waiting> waiting = new ConcurrentLinkedQueue<>();
  private final ExecutorService tries =
      Executors.newFixedThreadPool(
          4,
          work -> {
            Thread thread = new Thread(work, "claim-waits-tries");
            thread.setDaemon(true);
            return thread;
          });
  private final LookRounds rounds;

  ClaimWaits(RemoteClaims claims, RemoteSettings settings, MeterRegistry meters) {
    this.claims = claims;
    this.rounds =
        new LookRounds("claim-waits", settings.lookInterval(), waiting::isEmpty, this::runOnce);
    Gauge.builder("aiopslab.remote.claims.waiting", waiting, ConcurrentLinkedQueue::size)
        .description("Claims of workers that speak HTTP that wait for a task")
        .register(meters);
  }

  private record Waiting(
      String workerId,
      long end,
      ClientConnection client,
      DeferredResult<ResponseEntity<ClaimedTask>> result,
      Supplier<Optional<ClaimedTask>> attempt) {}

  static ResponseEntity<ClaimedTask> answer(Optional<ClaimedTask> task) {
    return task.map(ResponseEntity::ok).orElseGet(() -> ResponseEntity.noContent().build());
  }

  /**
   * @param attempt claims once; to be called when it is worth a try
   */
  DeferredResult<ResponseEntity<ClaimedTask>> await(
      String workerId,
      Duration longest,
      ClientConnection client,
      Supplier<Optional<ClaimedTask>> attempt) {
    DeferredResult<ResponseEntity<ClaimedTask>> result =
        new DeferredResult<>(longest.plus(GRACE).toMillis());
    Waiting entry =
        new Waiting(workerId, System.nanoTime() + longest.toNanos(), client, result, attempt);
    result.onCompletion(() -> waiting.remove(entry));
    enter(entry);
    return result;
  }

  private void enter(Waiting entry) {
    waiting.add(entry);
    if (rounds.isRunning()) {
      rounds.begin();
    } else {
      dismiss(entry);
    }
  }

  /** Lets those try whom work waits for, and sends those away whose time is over. */
  void runOnce() {
    Map<String, Waiting> first = new LinkedHashMap<>();
    long now = System.nanoTime();
    for (Waiting entry : waiting) {
      if (entry.end() - now <= 0) {
        dismiss(entry);
      } else {
        first.putIfAbsent(entry.workerId(), entry);
      }
    }
    for (String worker : couldWin(first.keySet())) {
      Waiting entry = first.get(worker);
      if (entry != null && waiting.remove(entry)) {
        tries.execute(() -> attempt(entry));
      }
    }
  }

  private List<String> couldWin(Set<String> workers) {
    try {
      return workers.isEmpty() ? List.of() : claims.couldWin(new ArrayList<>(workers));
    } catch (DataAccessException | TransactionException e) {
      log.debug("Cannot see now whether there is work", e);
      return List.of();
    }
  }

  /** A client that is known to be gone claims nothing. */
  private void attempt(Waiting entry) {
    if (entry.result().isSetOrExpired()) {
      return;
    }
    if (entry.client().isClosed()) {
      entry.result().setResult(answer(Optional.empty()));
      return;
    }
    try {
      Optional<ClaimedTask> task = entry.attempt().get();
      if (task.isPresent()) {
        entry.result().setResult(answer(task));
      } else {
        enter(entry);
      }
    } catch (RuntimeException | Error e) {
      entry.result().setErrorResult(e);
    }
  }

  private void dismiss(Waiting entry) {
    if (waiting.remove(entry)) {
      entry.result().setResult(answer(Optional.empty()));
    }
  }

  @Override
  public void start() {
    rounds.start();
  }

  /** Before the web server stops: nobody waits in vain. */
  @Override
  public void stop() {
    rounds.stop();
    List.copyOf(waiting).forEach(this::dismiss);
  }

  @Override
  public boolean isRunning() {
    return rounds.isRunning();
  }
}
