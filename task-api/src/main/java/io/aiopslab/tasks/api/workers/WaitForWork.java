package io.aiopslab.tasks.api.workers;

import io.aiopslab.tasks.loop.Loops;
import io.aiopslab.tasks.loop.Threads;
import io.aiopslab.tasks.loop.Waits;
import io.aiopslab.tasks.store.RemoteClaims;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.async.DeferredResult;

/**
 * Claims that wait for work. Of a backend no more are tried at a time than there are tasks, longest
 * wait first.
 */
@Component
class WaitForWork {
  private static final int TRIES = 4;

  private final RemoteClaims claims;
  private final Waits<Claim> waits;

  WaitForWork(RemoteClaims claims, RemoteSettings settings, Loops loops, MeterRegistry meters) {
    this.claims = claims;
    this.waits =
        new Waits<>(
            loops
                .loop("wait-for-work")
                .saying("Cannot see now whether there is work; workers that wait for it wait on"),
            settings.lookInterval(),
            this::couldWin,
            Threads.pool("wait-for-work-tries", TRIES));
    Gauge.builder("aiopslab.remote.claims.waiting", waits, Waits::size)
        .description("Claims of workers that speak HTTP that wait for a task")
        .register(meters);
  }

  static ResponseEntity<ClaimedTask> answer(Optional<ClaimedTask> task) {
    return task.map(ResponseEntity::ok).orElseGet(() -> ResponseEntity.noContent().build());
  }

  /**
   * @param attempt claims once; to be called when it is worth a try
   */
  DeferredResult<ResponseEntity<ClaimedTask>> answer(
      String workerId,
      Duration longest,
      ClientConnection client,
      Supplier<Optional<ClaimedTask>> attempt) {
    DeferredResult<ResponseEntity<ClaimedTask>> result =
        new DeferredResult<>(longest.plus(Waits.GRACE).toMillis());
    new Claim(workerId, System.nanoTime() + longest.toNanos(), client, result, attempt).await();
    return result;
  }

  /** Only the first of a worker: it may run one task, and this one decides whether it does. */
  private List<Claim> couldWin(List<Claim> waited) {
    Map<String, Claim> first = new LinkedHashMap<>();
    waited.forEach(claim -> first.putIfAbsent(claim.workerId, claim));
    return claims.couldWin(new ArrayList<>(first.keySet())).stream()
        .map(first::get)
        .filter(Objects::nonNull)
        .toList();
  }

  private final class Claim implements Waits.Waiter {
    private final String workerId;
    private final long end;
    private final ClientConnection client;
    private final DeferredResult<ResponseEntity<ClaimedTask>> result;
    private final Supplier<Optional<ClaimedTask>> attempt;

    Claim(
        String workerId,
        long end,
        ClientConnection client,
        DeferredResult<ResponseEntity<ClaimedTask>> result,
        Supplier<Optional<ClaimedTask>> attempt) {
      this.workerId = workerId;
      this.end = end;
      this.client = client;
      this.result = result;
      this.attempt = attempt;
    }

    void await() {
      Duration left = Duration.ofNanos(end - System.nanoTime());
      waits.until(this, left, result::isSetOrExpired, this);
    }

    /** A client that is known to be gone claims nothing. */
    @Override
    public void met() {
      if (result.isSetOrExpired()) {
        return;
      }
      if (client.isClosed()) {
        over();
        return;
      }
      try {
        Optional<ClaimedTask> task = attempt.get();
        if (task.isPresent()) {
          result.setResult(answer(task));
        } else {
          await();
        }
      } catch (RuntimeException | Error e) {
        result.setErrorResult(e);
      }
    }

    @Override
    public void over() {
      result.setResult(answer(Optional.empty()));
    }
  }
}
