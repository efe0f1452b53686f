package io.aiopslab.tasks.broker;

import com.rabbitmq.client.Channel;
import io.aiopslab.tasks.broker.Topology.Exchange;
import java.io.IOException;
import java.util.Map;

/**
 * The way of a message: through an exchange into a queue that is bound to it.
 *
 * @param routingKey key of this message
 * @param bindingKey key or pattern that binds the queue
 */
public record Route(Exchange exchange, String routingKey, String queue, String bindingKey) {

  /** Makes sure that a message sent this way arrives in its queue. Idempotent. */
  public void declare(Channel channel) throws IOException {
    channel.exchangeDeclare(exchange.name(), exchange.type(), true);
    channel.queueDeclare(queue, true, false, false, Map.of());
    channel.queueBind(queue, exchange.name(), bindingKey);
  }
}
