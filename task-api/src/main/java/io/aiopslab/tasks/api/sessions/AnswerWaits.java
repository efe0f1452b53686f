package io.aiopslab.tasks.api.sessions;

import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.store.SessionActions.Order;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.springframework.stereotype.Component;

/** Those who wait for the answer to a step. */
@Component
class AnswerWaits {
  private final int most;
  private final ConcurrentHashMap<Key, Waiting> waiting = new ConcurrentHashMap<>();

  AnswerWaits(SessionSettings settings) {
    this.most = settings.waits();
  }

  private record Key(UUID sessionId, int index) {}

  private static final class Waiting {
    private final Order order;
    private final Queue<CompletableFuture<StepView>> answers = new ConcurrentLinkedQueue<>();
    private long askedNanos = System.nanoTime();

    Waiting(Order order) {
      this.order = order;
    }
  }

  /**
   * @return completed by the answer; whoever no longer waits cancels it
   */
  CompletableFuture<StepView> answerTo(Order order) {
    if (waiting.size() >= most) {
      throw tooMany();
    }
    CompletableFuture<StepView> answer = new CompletableFuture<>();
    waiting.compute(
        new Key(order.taskId(), order.index()),
        (key, known) -> {
          Waiting entry = known == null ? new Waiting(order) : known;
          entry.answers.add(answer);
          return entry;
        });
    return answer;
  }

  static Refusal tooMany() {
    return Refusal.unavailable(
        "too_many_waits",
        "Too many requests are waiting; send the request again after the seconds in Retry-After.");
  }

  void answer(UUID taskId, int index, StepView view) {
    Waiting entry = waiting.remove(new Key(taskId, index));
    if (entry != null) {
      entry.answers.forEach(answer -> answer.complete(view));
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
                      entry.answers.removeIf(CompletableFuture::isDone);
                      return entry.answers.isEmpty() ? null : entry;
                    }));
    long now = System.nanoTime();
    Collection<Waiting> all = waiting.values();
    List<Waiting> late =
        all.stream().filter(entry -> now - entry.askedNanos >= lately.toNanos()).toList();
    late.forEach(entry -> entry.askedNanos = now);
    return late.stream().map(entry -> entry.order).toList();
  }
}
