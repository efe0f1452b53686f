package io.aiopslab.tasks.broker;

import org.springframework.amqp.rabbit.connection.ConnectionNameStrategy;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What every service needs at the broker; addresses and credentials are Spring's own settings. */
@Configuration(proxyBeanMethods = false)
public class BrokerConfiguration {

  /** Reads well in RabbitMQ's management UI: which service, and which of its processes. */
  @Bean
  ConnectionNameStrategy connectionNames(
      @Value("${spring.application.name}") String service,
      @Value("${aiopslab.instance:}") String instance) {
    String name = instance.isBlank() ? service : service + "@" + instance;
    return factory -> name;
  }
}
