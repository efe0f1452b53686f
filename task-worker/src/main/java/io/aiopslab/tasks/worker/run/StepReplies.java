package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.loop.Threads;
import io.aiopslab.tasks.message.StepAnswer;
import jakarta.annotation.PreDestroy;
import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.stereotype.Component;

/**
 * Sends answers straight to who waits for them, past the spool and on a thread of its own: a broker
 * that blocks must not keep a run's output from being read. What is lost is asked for again.
 */
@Component
class StepReplies {
  private static final Logger log = LoggerFactory.getLogger(StepReplies.class);
  private static final int MOST_WAITING = 1000;

  private final RabbitTemplate broker;
  private final ExecutorService sender = Threads.discarding("step-replies", MOST_WAITING);

  StepReplies(ConnectionFactory connections) {
    this.broker = new RabbitTemplate(connections);
    this.broker.setUsePublisherConnection(true);
  }

  void send(String queue, StepAnswer answer) {
    if (queue.startsWith(Topology.REPLIES)) {
      sender.execute(() -> publish(queue, answer));
    }
  }

  private void publish(String queue, StepAnswer answer) {
    try {
      broker.send(
          Topology.REPLIES_EXCHANGE.name(),
          queue,
          MessageBuilder.withBody(answer.toBytes())
              .setContentType("application/json")
              .setDeliveryMode(org.springframework.amqp.core.MessageDeliveryMode.NON_PERSISTENT)
              .build());
    } catch (AmqpException e) {
      log.debug("Nobody was told of step {} of task {}", answer.index(), answer.taskId(), e);
    }
  }

  @PreDestroy
  void close() {
    sender.shutdownNow();
  }
}
