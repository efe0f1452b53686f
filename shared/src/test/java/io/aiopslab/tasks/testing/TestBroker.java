package io.aiopslab.tasks.testing;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.testcontainers.rabbitmq.RabbitMQContainer;

/**
 * A real RabbitMQ with its management plugin, found in this order: the one that {@code
 * AIOPSLAB_TEST_AMQP_URL} names, a container if a Docker engine answers, a private node of the
 * installed {@code rabbitmq-server}. To be asked for in a test or a lifecycle method: without any
 * of them the test is aborted, or fails if the environment says {@code CI=true}.
 */
public sealed class TestBroker implements AutoCloseable
    permits PrivateBroker, DistantBroker, TestBroker.VirtualHost {
  static final String URL = "AIOPSLAB_TEST_AMQP_URL";
  static final String MANAGEMENT_URL = "AIOPSLAB_TEST_AMQP_MANAGEMENT_URL";
  private static final String MISSING =
      "No RabbitMQ for this test. Set "
          + URL
          + "=amqp://user:password@host:port/vhost, or start Docker, or install rabbitmq-server"
          + " (infra/scripts/ensure-test-servers.sh does).";

  private static @Nullable TestBroker shared;

  private final BrokerAddress address;
  private final BrokerManagement management;

  TestBroker(BrokerAddress address, URI managementUrl) {
    this.address = address;
    this.management = new BrokerManagement(managementUrl, address.username(), address.password());
  }

  /**
   * The broker that all tests of this JVM share, started at first use. What a test declares there
   * stays: prefer {@link #create()}. Closing it does nothing; it ends with the JVM.
   */
  public static synchronized TestBroker shared() {
    if (shared == null) {
      shared = find();
    }
    return shared;
  }

  /** A fresh, empty virtual host on the shared broker, deleted on close. */
  public static TestBroker create() {
    return create("{}");
  }

  /** Likewise, with durable queues that are quorum queues though nobody says so. */
  public static TestBroker createWithQuorumQueues() {
    return create("{\"default_queue_type\": \"quorum\", \"defaultqueuetype\": \"quorum\"}");
  }

  /** Likewise, over a connection that can be cut. */
  public static DistantBroker createDistant() {
    return DistantBroker.over(create("{}"));
  }

  private static VirtualHost create(String settings) {
    VirtualHost fresh = new VirtualHost(shared(), "test-" + UUID.randomUUID(), settings);
    fresh.make();
    return fresh;
  }

  /** A broker of the caller's own, running, to be closed by the caller. */
  public static PrivateBroker startPrivate() {
    return InstalledBroker.tryStart()
        .or(BrokerContainer::tryStart)
        .map(PrivateBroker::new)
        .orElseThrow(() -> MissingServer.failure(MISSING));
  }

  private static TestBroker find() {
    String url = System.getenv(URL);
    if (url != null) {
      BrokerAddress address = BrokerAddress.parse(url);
      String management = System.getenv(MANAGEMENT_URL);
      return new TestBroker(
          address,
          URI.create(management != null ? management : "http://" + address.host() + ":15672"));
    }
    if (DockerEngine.answers()) {
      RabbitMQContainer container = new RabbitMQContainer(BrokerContainer.IMAGE);
      container.start();
      return new TestBroker(
          BrokerAddress.parse(container.getAmqpUrl()), URI.create(container.getHttpUrl()));
    }
    return InstalledBroker.tryStart()
        .map(node -> new TestBroker(node.address(), node.managementUrl()))
        .orElseThrow(() -> MissingServer.failure(MISSING));
  }

  final BrokerAddress address() {
    return address;
  }

  public final String host() {
    return address.host();
  }

  public final int port() {
    return address.port();
  }

  public final String username() {
    return address.username();
  }

  public final String password() {
    return address.password();
  }

  public final String virtualHost() {
    return address.virtualHost();
  }

  /** {@code amqp://user:password@host:port/vhost}, each part encoded. */
  public final String amqpUrl() {
    return address.amqpUrl();
  }

  /** The root of the management API, without a path; same user and password. */
  public final URI managementUrl() {
    return management.base();
  }

  /**
   * Makes or replaces a policy of this virtual host.
   *
   * @param policy JSON object, as in definitions
   */
  public final void setPolicy(String name, String policy) {
    try {
      management.setPolicy(virtualHost(), name, policy);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A new factory of plain client connections to this broker. */
  public final ConnectionFactory connectionFactory() {
    return address.connectionFactory();
  }

  /** How many messages wait in a queue; none if it is not there. */
  public final long messages(String queue) {
    try (Connection connection = connectionFactory().newConnection();
        Channel channel = connection.createChannel()) {
      return channel.messageCount(queue);
    } catch (IOException e) {
      if (e.getCause() instanceof ShutdownSignalException signal && !signal.isHardError()) {
        return 0;
      }
      throw new UncheckedIOException(e);
    } catch (TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {}

  static final class VirtualHost extends TestBroker {
    private final TestBroker server;
    private final String settings;

    private VirtualHost(TestBroker server, String name, String settings) {
      super(server.address.withVirtualHost(name), server.management.base());
      this.server = server;
      this.settings = settings;
    }

    private void make() {
      try {
        server.management.createVirtualHost(virtualHost(), settings);
      } catch (IOException e) {
        throw new IllegalStateException(
            "no virtual host through %s, which %s can set"
                .formatted(server.managementUrl(), MANAGEMENT_URL),
            e);
      }
    }

    void empty() {
      close();
      make();
    }

    @Override
    public void close() {
      try {
        server.management.deleteVirtualHost(virtualHost());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
