package io.aiopslab.tasks.api.look;

import java.util.function.Supplier;
import org.springframework.web.context.request.async.DeferredResult;

/** The answer of a request that has waited: whatever becomes of it, the request hears of it. */
public final class LateAnswer {
  private LateAnswer() {}

  /** What {@code answer} throws is answered with a problem. */
  public static <T> void give(DeferredResult<T> result, Supplier<T> answer) {
    try {
      result.setResult(answer.get());
    } catch (RuntimeException | Error e) {
      result.setErrorResult(e);
    }
  }
}
