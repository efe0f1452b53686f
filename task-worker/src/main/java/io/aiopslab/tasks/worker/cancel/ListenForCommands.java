package io.aiopslab.tasks.worker.cancel;

import io.aiopslab.tasks.broker.Route;
import io.github.resilience4j.core.IntervalFunction;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.core.NestedExceptionUtils;

/**
 * Takes the commands for one slot as they come, whatever the slot is doing. A command is
 * acknowledged as it is received: who sent it repeats it until it has taken effect.
 */
final class ListenForCommands implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(ListenForCommands.class);
  private static final Duration WAIT = Duration.ofSeconds(30);
  private static final IntervalFunction BACKOFF =
      IntervalFunction.ofExponentialRandomBackoff(
          Duration.ofMillis(250), 2, 0.3, Duration.ofSeconds(5));

  private final RabbitTemplate broker;
  private final Route route;
  private final CancelRun cancelRun;
  private final CountDownLatch stopping;
  private boolean declared;
  private int failures;

  /**
   * @param stopping reaches zero when no more commands are wanted
   */
  ListenForCommands(
      RabbitTemplate broker, Route route, CancelRun cancelRun, CountDownLatch stopping) {
    this.broker = broker;
    this.route = route;
    this.cancelRun = cancelRun;
    this.stopping = stopping;
  }

  @Override
  public void run() {
    try {
      while (stopping.getCount() > 0) {
        runOnce();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void runOnce() throws InterruptedException {
    try {
      declare();
      Message message = broker.receive(route.queue(), WAIT.toMillis());
      if (message != null) {
        cancelRun.obey(message.getBody());
      }
    } catch (RuntimeException e) {
      backOff(e);
    }
  }

  private void declare() {
    if (declared) {
      return;
    }
    broker.execute(
        channel -> {
          route.declare(channel);
          return true;
        });
    declared = true;
    if (failures > 0) {
      log.info("Listening to queue {} again", route.queue());
    }
    failures = 0;
  }

  private void backOff(RuntimeException e) throws InterruptedException {
    declared = false;
    failures++;
    if (failures == 1 && stopping.getCount() > 0) {
      log.warn(
          "No commands from queue {} ({}); cancels are heard of with the heartbeat instead",
          route.queue(),
          NestedExceptionUtils.getMostSpecificCause(e).toString());
    }
    boolean unused = stopping.await(BACKOFF.apply(Math.min(failures, 10)), TimeUnit.MILLISECONDS);
  }
}
