package io.aiopslab.tasks.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.security.GeneralSecurityException;
import java.util.concurrent.TimeoutException;

/** Where a broker is reached, and as whom. */
record BrokerAddress(String host, int port, String username, String password, String virtualHost) {

  /**
   * Reads {@code amqp://user:pass@host:port/vhost}; what is left out is as RabbitMQ's URI
   * specification has it.
   */
  static BrokerAddress parse(String amqpUrl) {
    ConnectionFactory factory = new ConnectionFactory();
    try {
      factory.setUri(URI.create(amqpUrl));
    } catch (GeneralSecurityException | URISyntaxException e) {
      throw new IllegalArgumentException("not an AMQP address", e);
    }
    return new BrokerAddress(
        factory.getHost(),
        factory.getPort(),
        factory.getUsername(),
        factory.getPassword(),
        factory.getVirtualHost());
  }

  BrokerAddress withPort(int other) {
    return new BrokerAddress("127.0.0.1", other, username, password, virtualHost);
  }

  BrokerAddress withVirtualHost(String other) {
    return new BrokerAddress(host, port, username, password, other);
  }

  String amqpUrl() {
    return "amqp://%s:%s@%s:%d/%s"
        .formatted(encode(username), encode(password), host, port, encode(virtualHost));
  }

  ConnectionFactory connectionFactory() {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost(host);
    factory.setPort(port);
    factory.setUsername(username);
    factory.setPassword(password);
    factory.setVirtualHost(virtualHost);
    return factory;
  }

  /** Whether a broker accepts a connection with these credentials now. */
  boolean answers() {
    ConnectionFactory factory = connectionFactory();
    factory.setConnectionTimeout(1_000);
    factory.setHandshakeTimeout(5_000);
    try (Connection connection = factory.newConnection()) {
      return connection.isOpen();
    } catch (IOException | TimeoutException e) {
      return false;
    }
  }

  private static String encode(String part) {
    return URLEncoder.encode(part, UTF_8).replace("+", "%20");
  }
}
