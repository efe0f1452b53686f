package io.aiopslab.tasks.collector.callback;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Keeps one host from taking all of the service's attention, whether it is slow or dead. */
final class HostGuard {
  private static final float FAILURE_PERCENT = 80;

  private final CircuitBreaker breaker;
  private final Bulkhead bulkhead;

  HostGuard(String host, CallbackSettings settings) {
    breaker =
        CircuitBreaker.of(
            host,
            CircuitBreakerConfig.custom()
                .slidingWindowSize(settings.breakerCalls())
                .minimumNumberOfCalls(settings.breakerCalls())
                .failureRateThreshold(FAILURE_PERCENT)
                .waitDurationInOpenState(settings.breakerPause())
                .permittedNumberOfCallsInHalfOpenState(settings.perHost())
                .automaticTransitionFromOpenToHalfOpenEnabled(true)
                .build());
    bulkhead =
        Bulkhead.of(host, BulkheadConfig.custom().maxConcurrentCalls(settings.perHost()).build());
  }

  /** Whether it is worth claiming a callback to this host now. */
  boolean hasRoom() {
    return breaker.getState() != State.OPEN
        && bulkhead.getMetrics().getAvailableConcurrentCalls() > 0;
  }

  /** To be followed by {@link #leave} or {@link #abandon} if it returns true. */
  boolean tryEnter() {
    if (!bulkhead.tryAcquirePermission()) {
      return false;
    }
    if (!breaker.tryAcquirePermission()) {
      bulkhead.releasePermission();
      return false;
    }
    return true;
  }

  void leave(Answer answer) {
    bulkhead.onComplete();
    long nanos = answer.took().toNanos();
    if (answer.speaksAgainstHost()) {
      breaker.onError(nanos, TimeUnit.NANOSECONDS, new IOException("no good answer"));
    } else if (answer.status() == null) {
      breaker.releasePermission();
    } else {
      breaker.onSuccess(nanos, TimeUnit.NANOSECONDS);
    }
  }

  /** Nothing was sent. */
  void abandon() {
    bulkhead.onComplete();
    breaker.releasePermission();
  }
}
