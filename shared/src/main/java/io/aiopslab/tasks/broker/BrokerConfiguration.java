package io.aiopslab.tasks.broker;

import io.aiopslab.tasks.loop.Threads;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Objects;
import org.springframework.amqp.rabbit.connection.ConnectionNameStrategy;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.amqp.autoconfigure.ConnectionFactoryCustomizer;
import org.springframework.boot.amqp.autoconfigure.RabbitTemplateCustomizer;
import org.springframework.boot.info.BuildProperties;
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

  @Bean
  BrokerIdentity brokerIdentity(
      @Value("${spring.application.name}") String service,
      @Value("${aiopslab.instance:}") String instance,
      ObjectProvider<BuildProperties> build,
      ObjectProvider<ServedClusters> clusters) {
    BuildProperties known = build.getIfAvailable();
    String version = known == null ? null : known.getVersion();
    ServedClusters served = clusters.getIfAvailable(() -> new ServedClusters(List.of()));
    return new BrokerIdentity(
        service,
        Objects.requireNonNullElse(version, "unknown"),
        instance.isBlank() ? hostName() : instance,
        String.join(", ", served.names()));
  }

  @Bean
  ConnectionNameStrategy connectionNames(BrokerIdentity identity) {
    return factory -> identity.connectionName();
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown host";
    }
  }

  @Bean
  RabbitTemplateCustomizer plainProperties() {
    return template -> template.setMessagePropertiesConverter(new PlainProperties());
  }

  @Bean
  ConnectionFactoryCustomizer deepStacks() {
    return factory -> factory.setThreadFactory(Threads.named("amqp-connection", STACK));
  }
}
