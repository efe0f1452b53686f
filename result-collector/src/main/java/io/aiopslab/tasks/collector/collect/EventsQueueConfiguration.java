package io.aiopslab.tasks.collector.collect;

import io.aiopslab.tasks.broker.BrokerIdentity;
import io.aiopslab.tasks.broker.PlainProperties;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.collector.CollectorSettings;
import org.springframework.amqp.core.AmqpAdmin;
import org.springframework.amqp.core.Binding;
import org.springframework.amqp.core.Binding.DestinationType;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.core.TopicExchange;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The queue of events and its consumer. A queue that is missing is declared again. */
@Configuration(proxyBeanMethods = false)
class EventsQueueConfiguration {
  private static final long RETRY_MILLIS = 1_000;
  private static final long STOP_MILLIS = 20_000;

  @Bean
  TopicExchange eventsExchange() {
    return new TopicExchange(Topology.EVENTS.name(), true, false);
  }

  @Bean
  Queue eventsQueue() {
    return new Queue(Topology.EVENTS_QUEUE, true, false, false);
  }

  @Bean
  Binding eventsBinding() {
    return new Binding(
        Topology.EVENTS_QUEUE,
        DestinationType.QUEUE,
        Topology.EVENTS.name(),
        Topology.TASK_EVENTS_PATTERN,
        null);
  }

  @Bean
  SimpleMessageListenerContainer eventsContainer(
      ConnectionFactory connections,
      AmqpAdmin admin,
      EventBatchListener listener,
      BrokerIdentity identity,
      CollectorSettings settings) {
    SimpleMessageListenerContainer container = new SimpleMessageListenerContainer(connections);
    container.setQueueNames(Topology.EVENTS_QUEUE);
    container.setAmqpAdmin(admin);
    container.setMessageListener(listener);
    container.setConsumerTagStrategy(queue -> identity.consumerTag("events"));
    container.setMessagePropertiesConverter(new PlainProperties());
    container.setConsumerBatchEnabled(true);
    container.setBatchSize(settings.batchSize());
    // For the whole channel, so that the listener can change it as it sees how large messages are;
    // see QuorumFallback.
    container.setGlobalQos(true);
    container.setPrefetchCount(PrefetchWindow.FIRST);
    container.setBatchReceiveTimeout(settings.batchWait().toMillis());
    // Also the wait for each further message of a batch: the default would hold a batch for 1 s.
    container.setReceiveTimeout(settings.batchWait().toMillis());
    container.setMissingQueuesFatal(false);
    container.setPossibleAuthenticationFailureFatal(false);
    container.setRecoveryInterval(RETRY_MILLIS);
    container.setFailedDeclarationRetryInterval(RETRY_MILLIS);
    container.setForceStop(true);
    container.setShutdownTimeout(STOP_MILLIS);
    container.setAutoStartup(false);
    container.setPhase(Integer.MAX_VALUE - 1); // stopped by EventIntake, which goes first
    return container;
  }
}
