package io.aiopslab.tasks.api.tasks;

import io.aiopslab.tasks.loop.Waits;
import java.time.Duration;
import java.util.function.Supplier;
import org.springframework.web.context.request.async.DeferredResult;

/** The answer of a request that waits: whatever becomes of it, the request hears of it. */
public final class LateAnswer {
  private LateAnswer() {}

  /**
   * @param answer what to answer, computed when it is so or the time is over
   */
  public static <K, T> DeferredResult<T> when(
      Waits<K> waits, K key, Duration longest, Supplier<T> answer) {
    DeferredResult<T> result = new DeferredResult<>(longest.plus(Waits.GRACE).toMillis());
    waits.until(
        key,
        longest,
        result::isSetOrExpired,
        new Waits.Waiter() {
          @Override
          public void met() {
            give(result, answer);
          }

          @Override
          public void over() {
            give(result, answer);
          }

          /** To ask the database again for the answer would take as long once more. */
          @Override
          public void failed(RuntimeException e) {
            result.setErrorResult(e);
          }
        });
    return result;
  }

  /** What {@code answer} throws is answered with a problem. */
  static <T> void give(DeferredResult<T> result, Supplier<T> answer) {
    try {
      result.setResult(answer.get());
    } catch (RuntimeException | Error e) {
      result.setErrorResult(e);
    }
  }
}
