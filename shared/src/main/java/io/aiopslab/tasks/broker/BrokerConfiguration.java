package io.aiopslab.tasks.broker;

import org.springframework.amqp.rabbit.connection.ConnectionNameStrategy;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.amqp.autoconfigure.ConnectionFactoryCustomizer;
import org.springframework.boot.amqp.autoconfigure.RabbitTemplateCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What every service needs at the broker; addresses and credentials are Spring's own settings. */
@Configuration(proxyBeanMethods = false)
public class BrokerConfiguration {
  /**
   * For each thread of a connection, in bytes; only what is used takes memory. RabbitMQ's frames of
   * 128 KiB hold headers that are nested 26,000 deep, and the client reads them by recursion: with
   * the default stack it dies of them, again at every redelivery.
   */
  private static final long STACK = 64L << 20;

  /** Reads well in RabbitMQ's management UI: which service, and which of its processes. */
  @Bean
  ConnectionNameStrategy connectionNames(
      @Value("${spring.application.name}") String service,
      @Value("${aiopslab.instance:}") String instance) {
    String name = instance.isBlank() ? service : service + "@" + instance;
    return factory -> name;
  }

  @Bean
  RabbitTemplateCustomizer plainProperties() {
    return template -> template.setMessagePropertiesConverter(new PlainProperties());
  }

  @Bean
  ConnectionFactoryCustomizer deepStacks() {
    return factory ->
        factory.setThreadFactory(work -> new Thread(null, work, "amqp-connection", STACK));
  }
}
