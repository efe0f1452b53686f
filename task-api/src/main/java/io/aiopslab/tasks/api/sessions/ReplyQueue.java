package io.aiopslab.tasks.api.sessions;

import io.aiopslab.tasks.broker.BrokerIdentity;
import io.aiopslab.tasks.broker.PlainProperties;
import io.aiopslab.tasks.broker.Topology;
import java.util.UUID;
import org.springframework.amqp.core.AcknowledgeMode;
import org.springframework.amqp.core.AmqpAdmin;
import org.springframework.amqp.core.Binding;
import org.springframework.amqp.core.BindingBuilder;
import org.springframework.amqp.core.DirectExchange;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Where workers send the answers to this process's steps: a plain queue of its own, gone with its
 * connection, and declared again with the next one.
 */
@Configuration(proxyBeanMethods = false)
class ReplyQueue {
  private static final long RETRY_MILLIS = 1_000;
  private static final long STOP_MILLIS = 2_000;
  private static final int CONSUMERS = 4;

  @Bean
  Queue replies() {
    return new Queue(Topology.REPLIES + UUID.randomUUID(), false, true, true);
  }

  @Bean
  DirectExchange repliesExchange() {
    return new DirectExchange(Topology.REPLIES_EXCHANGE.name(), true, false);
  }

  @Bean
  Binding repliesBinding(Queue replies, DirectExchange repliesExchange) {
    return BindingBuilder.bind(replies).to(repliesExchange).withQueueName();
  }

  @Bean
  SimpleMessageListenerContainer repliesContainer(
      ConnectionFactory connections,
      AmqpAdmin admin,
      Queue replies,
      HearAnswers listener,
      BrokerIdentity identity) {
    SimpleMessageListenerContainer container = new SimpleMessageListenerContainer(connections);
    container.setQueues(replies);
    container.setConsumerTagStrategy(queue -> identity.consumerTag("replies"));
    container.setAmqpAdmin(admin);
    container.setMessageListener(listener);
    container.setMessagePropertiesConverter(new PlainProperties());
    container.setAcknowledgeMode(AcknowledgeMode.NONE);
    container.setConcurrentConsumers(CONSUMERS);
    container.setMissingQueuesFatal(false);
    container.setPossibleAuthenticationFailureFatal(false);
    container.setRecoveryInterval(RETRY_MILLIS);
    container.setFailedDeclarationRetryInterval(RETRY_MILLIS);
    container.setForceStop(true);
    container.setShutdownTimeout(STOP_MILLIS);
    return container;
  }
}
