package io.aiopslab.tasks.worker.command;

import com.rabbitmq.client.Channel;
import io.aiopslab.tasks.broker.Route;
import io.github.resilience4j.core.IntervalFunction;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.core.NestedExceptionUtils;

/**
 * Takes the commands for one slot as they come, whatever the slot is doing, with one consumer for
 * as long as its channel lives. A command counts as acknowledged when the broker has sent it: who
 * sent it repeats it until it has taken effect.
 */
final class ListenForCommands implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(ListenForCommands.class);
  private static final IntervalFunction BACKOFF =
      IntervalFunction.ofExponentialRandomBackoff(
          Duration.ofMillis(250), 2, 0.3, Duration.ofSeconds(5));

  private final ConnectionFactory connections;
  private final Route route;
  private final ObeyCommand obeyCommand;
  private final CountDownLatch stopping;
  private int failures;

  /**
   * @param stopping reaches zero when no more commands are wanted
   */
  ListenForCommands(
      ConnectionFactory connections,
      Route route,
      ObeyCommand obeyCommand,
      CountDownLatch stopping) {
    this.connections = connections;
    this.route = route;
    this.obeyCommand = obeyCommand;
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
      listen();
    } catch (IOException | RuntimeException | Error e) {
      backOff(e);
    }
  }

  /** Returns when somebody deletes the queue, or the channel is gone. */
  private void listen() throws IOException, InterruptedException {
    CountDownLatch over = new CountDownLatch(1);
    Channel channel = connections.createConnection().createChannel(false);
    try {
      channel.addShutdownListener(cause -> over.countDown());
      route.declare(channel);
      channel.basicConsume(
          route.queue(),
          true,
          (consumer, command) -> obeyCommand.obey(command.getBody()),
          consumer -> over.countDown());
      sayListening();
      over.await();
    } finally {
      channel.abort();
    }
  }

  private void sayListening() {
    if (failures > 0) {
      log.info("Listening to queue {} again", route.queue());
    }
    failures = 0;
  }

  private void backOff(Throwable e) throws InterruptedException {
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
