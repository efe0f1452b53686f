package io.aiopslab.tasks.api.sessions;

import io.aiopslab.tasks.api.look.EndWatcher;
import io.aiopslab.tasks.api.problem.Refusal;
import io.aiopslab.tasks.store.SessionActions.Order;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.async.DeferredResult;

/**
 * Those who wait for the answer to a step: woken by the answer itself, by the end of the session,
 * or when their time is over, whichever comes first.
 */
@Component
class AnswerWaits {
  private final EndWatcher ends;
  private final int most;
  private final ConcurrentHashMap<Key, Waiting> waiting = new ConcurrentHashMap<>();

  AnswerWaits(EndWatcher ends, SessionSettings settings) {
    this.ends = ends;
    this.most = settings.waits();
  }

  private record Key(UUID sessionId, int index) {}

  private static final class Waiting {
    private final Order order;
    private final Queue<DeferredResult<ResponseEntity<StepView>>> results =
        new ConcurrentLinkedQueue<>();
    private long askedNanos = System.nanoTime();

    Waiting(Order order) {
      this.order = order;
    }
  }

  /**
   * @param otherwise what to answer when the session has ended or the time is over
   */
  DeferredResult<ResponseEntity<StepView>> await(
      Order order, Duration longest, Supplier<ResponseEntity<StepView>> otherwise) {
    if (waiting.size() >= most) {
      throw Refusal.unavailable(
          "too_many_waits",
          "Too many requests are waiting; send the request again after the seconds in Retry-After.");
    }
    DeferredResult<ResponseEntity<StepView>> result =
        ends.answerAtEnd(order.taskId(), longest, otherwise);
    waiting.compute(
        new Key(order.taskId(), order.index()),
        (key, known) -> {
          Waiting entry = known == null ? new Waiting(order) : known;
          entry.results.add(result);
          return entry;
        });
    return result;
  }

  void answer(UUID taskId, int index, StepView view) {
    Waiting entry = waiting.remove(new Key(taskId, index));
    if (entry != null) {
      entry.results.forEach(result -> result.setResult(ResponseEntity.ok(view)));
    }
  }

  /**
   * Forgets those who have their answer.
   *
   * @return what others wait for, and nobody has been asked about lately
   */
  List<Order> unanswered(Duration lately) {
    waiting
        .keySet()
        .forEach(
            key ->
                waiting.computeIfPresent(
                    key,
                    (same, entry) -> {
                      entry.results.removeIf(DeferredResult::isSetOrExpired);
                      return entry.results.isEmpty() ? null : entry;
                    }));
    long now = System.nanoTime();
    Collection<Waiting> all = waiting.values();
    List<Waiting> late =
        all.stream().filter(entry -> now - entry.askedNanos >= lately.toNanos()).toList();
    late.forEach(entry -> entry.askedNanos = now);
    return late.stream().map(entry -> entry.order).toList();
  }
}
