package io.aiopslab.tasks.collector.callback;

import io.aiopslab.tasks.store.CallbackDeliveries;
import io.aiopslab.tasks.store.CallbackDeliveries.Attempted;
import io.aiopslab.tasks.task.CallbackDelivery;
import io.aiopslab.tasks.task.CallbackError;
import io.aiopslab.tasks.task.CallbackState;
import io.aiopslab.tasks.trace.LogKeys;
import java.time.Duration;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/** One attempt at a claimed callback: write, send, judge, record. */
@Component
class AttemptCallback {
  private static final Logger log = LoggerFactory.getLogger(AttemptCallback.class);

  private final WriteCallback write;
  private final SendCallback send;
  private final JudgeAnswer judge;
  private final CallbackDeliveries deliveries;
  private final CallbackMetrics metrics;

  AttemptCallback(
      WriteCallback write,
      SendCallback send,
      JudgeAnswer judge,
      CallbackDeliveries deliveries,
      CallbackMetrics metrics) {
    this.write = write;
    this.send = send;
    this.judge = judge;
    this.deliveries = deliveries;
    this.metrics = metrics;
  }

  /** What cannot be recorded is sent again when the lease of {@code claim} has ended. */
  void attempt(CallbackDelivery delivery, UUID claim, HostGuard guard) {
    Answer answer;
    try {
      answer = writeAndSend(delivery);
    } catch (DataAccessException | TransactionException e) {
      guard.abandon();
      throw e;
    }
    guard.leave(answer);
    Attempted attempted = judge.judge(delivery, answer);
    deliveries.record(delivery.taskId(), claim, attempted);
    metrics.attempted(attempted);
    try (var named = LogKeys.task(delivery.taskId())) {
      tell(delivery, attempted);
    }
  }

  /** A defect counts as a failed attempt, so that it exhausts the callback in the end. */
  private Answer writeAndSend(CallbackDelivery delivery) {
    try {
      return send.send(delivery, write.body(delivery.taskId()));
    } catch (DataAccessException | TransactionException e) {
      throw e;
    } catch (RuntimeException | Error e) {
      log.error("Callback {} cannot be sent", delivery.webhookId(), e);
      return Answer.none(
          Duration.ZERO,
          CallbackError.INTERNAL,
          "The service could not send the callback; tell its operator to look for %s in the log."
              .formatted(delivery.webhookId()));
    }
  }

  private static void tell(CallbackDelivery delivery, Attempted attempted) {
    if (attempted.state() == CallbackState.EXHAUSTED) {
      log.warn(
          "The callback of task {} is exhausted after {} attempts: {} When that is mended, POST"
              + " /api/v1/tasks/{}/callback/redeliver",
          delivery.taskId(),
          delivery.attempts() + 1,
          attempted.error(),
          delivery.taskId());
    } else if (attempted.error() != null) {
      log.info(
          "The callback of task {} failed at attempt {}: {}",
          delivery.taskId(),
          delivery.attempts() + 1,
          attempted.error());
    }
  }
}
