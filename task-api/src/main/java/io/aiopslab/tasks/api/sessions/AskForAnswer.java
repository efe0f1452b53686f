package io.aiopslab.tasks.api.sessions;

import io.aiopslab.tasks.api.tasks.WaitForEnds;
import io.aiopslab.tasks.store.SessionActions.Order;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.async.DeferredResult;

/**
 * Has a step done and brings its answer: by the answer itself, by the end of the session, or when
 * the time is over, whichever comes first.
 *
 * <p>An environment mostly answers within milliseconds. For those a few requests keep their thread,
 * which then writes the answer at once; all others, and what takes longer, hold none.
 */
@Component
class AskForAnswer {
  private static final long MOMENT_MILLIS = 50;
  private static final int MOST_THREADS = 8;

  private final AnswerWaits waits;
  private final StepRelay relay;
  private final WaitForEnds ends;
  private final Semaphore threads = new Semaphore(MOST_THREADS);

  AskForAnswer(AnswerWaits waits, StepRelay relay, WaitForEnds ends) {
    this.waits = waits;
    this.relay = relay;
    this.ends = ends;
  }

  /**
   * @param otherwise what to answer when the session has ended or the time is over
   * @return for a handler to return: a {@code ResponseEntity<StepView>}, or one that is deferred
   */
  Object ask(Order order, Duration longest, Supplier<ResponseEntity<StepView>> otherwise) {
    CompletableFuture<StepView> answer = waits.answerTo(order);
    relay.offer(order);
    StepView soon = withinAMoment(answer, longest);
    if (soon != null) {
      return ResponseEntity.ok(soon);
    }
    DeferredResult<ResponseEntity<StepView>> later =
        ends.answerAtEnd(
            order.taskId(),
            longest,
            () -> {
              answer.cancel(false);
              return otherwise.get();
            });
    var unused =
        answer
            .orTimeout(longest.toMillis(), TimeUnit.MILLISECONDS)
            .thenAccept(view -> later.setResult(ResponseEntity.ok(view)));
    return later;
  }

  private @Nullable StepView withinAMoment(CompletableFuture<StepView> answer, Duration longest) {
    if (!threads.tryAcquire()) {
      return null;
    }
    try {
      return answer.get(Math.min(MOMENT_MILLIS, longest.toMillis()), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | CancellationException | ExecutionException e) {
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    } finally {
      threads.release();
    }
  }
}
