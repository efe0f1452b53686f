package io.aiopslab.tasks.worker.command;

import com.rabbitmq.client.Channel;
import io.aiopslab.tasks.broker.Route;
import io.aiopslab.tasks.loop.Loop;
import io.aiopslab.tasks.loop.Loops;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;

/**
 * Takes the commands for one slot as they come, whatever the slot is doing, with one consumer for
 * as long as its channel lives. A command counts as acknowledged when the broker has sent it: who
 * sent it repeats it until it has taken effect.
 */
final class ListenForCommands {
  /** After the slots, so that a run in its shutdown grace can still be cancelled. */
  private static final int PHASE = Integer.MAX_VALUE - 101;

  private static final Duration LOOK = Duration.ofMinutes(1);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final Logger log = LoggerFactory.getLogger(ListenForCommands.class);

  private final ConnectionFactory connections;
  private final Route route;
  private final ObeyCommand obeyCommand;
  private final Loop loop;
  private @Nullable Channel channel;
  private volatile boolean consuming;

  ListenForCommands(
      String cluster,
      ConnectionFactory connections,
      Route route,
      ObeyCommand obeyCommand,
      Loops loops) {
    this.connections = connections;
    this.route = route;
    this.obeyCommand = obeyCommand;
    this.loop =
        loops
            .loop("commands-" + cluster)
            .every(LOOK)
            .pausing(FIRST_PAUSE, LONGEST_PAUSE)
            .saying(
                "No commands from queue %s; cancels are heard of with the heartbeat instead"
                    .formatted(route.queue()))
            .inPhase(PHASE)
            .lastly(this::close)
            .repeat(this::listen);
  }

  /** Anew if somebody has deleted the queue, or the channel is gone. */
  private boolean listen() throws IOException {
    if (consuming) {
      return false;
    }
    close();
    Channel opened = connections.createConnection().createChannel(false);
    channel = opened;
    opened.addShutdownListener(cause -> lost());
    route.declare(opened);
    consuming = true;
    try {
      opened.basicConsume(
          route.queue(),
          true,
          (consumer, command) -> obeyCommand.obey(command.getBody()),
          consumer -> lost());
    } catch (IOException | RuntimeException | Error e) {
      consuming = false;
      throw e;
    }
    return false;
  }

  private void lost() {
    consuming = false;
    loop.wake();
  }

  private void close() {
    Channel open = channel;
    channel = null;
    try {
      if (open != null) {
        open.abort();
      }
    } catch (IOException e) {
      log.debug("Closing the channel", e);
    }
  }
}
