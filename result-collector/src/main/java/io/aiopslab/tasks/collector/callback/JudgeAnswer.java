package io.aiopslab.tasks.collector.callback;

import io.aiopslab.tasks.store.CallbackDeliveries.Attempted;
import io.aiopslab.tasks.task.CallbackDelivery;
import io.aiopslab.tasks.task.CallbackError;
import io.aiopslab.tasks.task.CallbackState;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** What an answer means: delivered, stopped, once more, or no more. */
@Component
class JudgeAnswer {
  private final RetrySchedule schedule;
  private final InstantSource clock;

  JudgeAnswer(RetrySchedule schedule, InstantSource clock) {
    this.schedule = schedule;
    this.clock = clock;
  }

  Attempted judge(CallbackDelivery delivery, Answer answer) {
    Integer status = answer.status();
    if (status == null) {
      return failed(
          delivery,
          answer,
          Objects.requireNonNull(answer.noAnswer()),
          Objects.requireNonNull(answer.sentence()));
    }
    if (status >= 200 && status < 300) {
      return new Attempted(answer.took(), status, null, null, CallbackState.DELIVERED, null);
    }
    if (status == 410) {
      return new Attempted(
          answer.took(), status, CallbackError.STATUS, sentence(410), CallbackState.STOPPED, null);
    }
    return failed(delivery, answer, CallbackError.STATUS, sentence(status));
  }

  private Attempted failed(
      CallbackDelivery delivery, Answer answer, CallbackError error, String sentence) {
    Optional<Duration> next =
        schedule.after(delivery.failures() + 1).map(planned -> asAskedFor(answer).orElse(planned));
    return new Attempted(
        answer.took(),
        answer.status(),
        error,
        sentence,
        next.isPresent() ? CallbackState.PENDING : CallbackState.EXHAUSTED,
        next.orElse(null));
  }

  private Optional<Duration> asAskedFor(Answer answer) {
    Integer status = answer.status();
    return status != null && (status == 429 || status == 503)
        ? RetryAfter.parse(answer.retryAfter(), clock.instant())
        : Optional.empty();
  }

  private static String sentence(int status) {
    if (status == 410) {
      return "The receiver answered 410 and wants to hear no more of this; redeliver sends it"
          + " again all the same.";
    }
    if (status < 400) {
      return "The receiver answered %d; redirects are not followed: submit tasks with the URL that it leads to."
          .formatted(status);
    }
    return status < 500
        ? "The receiver answered %d; check callback_url and what the receiver expects."
            .formatted(status)
        : "The receiver answered %d; look into its log.".formatted(status);
  }
}
