package io.aiopslab.tasks.collector.collect;

import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.collector.CollectorSettings;
import org.springframework.amqp.core.Binding;
import org.springframework.amqp.core.BindingBuilder;
import org.springframework.amqp.core.Declarables;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.core.TopicExchange;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The queue that events arrive in, declared again whenever it is missing, and its consumer. */
@Configuration(proxyBeanMethods = false)
class EventsQueue {

  @Bean
  Declarables eventsTopology() {
    TopicExchange events = new TopicExchange(Topology.EVENTS.name());
    Queue queue = new Queue(Topology.EVENTS_QUEUE);
    Binding binding = BindingBuilder.bind(queue).to(events).with("task.#");
    return new Declarables(events, queue, binding);
  }

  @Bean
  SimpleMessageListenerContainer eventsConsumer(
      ConnectionFactory connections,
      RabbitAdmin admin,
      CollectBatch collectBatch,
      CollectorSettings settings) {
    SimpleMessageListenerContainer container = new SimpleMessageListenerContainer(connections);
    container.setAmqpAdmin(admin);
    container.setQueueNames(Topology.EVENTS_QUEUE);
    container.setMissingQueuesFatal(false);
    container.setConsumerBatchEnabled(true);
    container.setBatchSize(settings.batchSize());
    container.setBatchReceiveTimeout(settings.batchWait().toMillis());
    container.setReceiveTimeout(settings.batchWait().toMillis());
    container.setPrefetchCount(settings.batchSize() + settings.batchSize() / 4);
    container.setMessageListener(collectBatch);
    container.setShutdownTimeout(20_000);
    return container;
  }
}
