package io.aiopslab.tasks.standalone;

import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import org.apache.qpid.server.SystemLauncher;
import org.apache.qpid.server.model.ConfiguredObject;
import org.apache.qpid.server.model.SystemConfig;

/**
 * An AMQP 0-9-1 broker in this JVM (Apache Qpid Broker-J), on loopback, whose messages last in a
 * directory.
 */
final class EmbeddedBroker implements AutoCloseable {
  private static final String USER = "aiopslab";

  private final DataFolder data;
  private final SystemLauncher launcher;
  private final int port;
  private final String password;

  private EmbeddedBroker(DataFolder data, SystemLauncher launcher, int port, String password) {
    this.data = data;
    this.launcher = launcher;
    this.port = port;
    this.password = password;
  }

  /**
   * Starts a broker on a free port, with a password made up for this start.
   *
   * @param directory for its data, made if it is not there
   * @throws CannotStartException if the data cannot be used
   */
  static EmbeddedBroker start(Path directory) {
    try {
      DataFolder data = DataFolder.open(directory, "store");
      int port = freePort();
      EmbeddedBroker broker =
          new EmbeddedBroker(data, new SystemLauncher(), port, UUID.randomUUID().toString());
      try {
        broker.launch();
        broker.tryConnection();
        data.complete();
        return broker;
      } catch (Exception e) {
        broker.close();
        throw e;
      }
    } catch (CannotStartException e) {
      throw e;
    } catch (Exception e) {
      throw new CannotStartException(
          "the embedded broker does not start on %s: %s.".formatted(directory, e.getMessage()));
    }
  }

  private void launch() throws Exception {
    // Derby, which keeps the messages, would write its log into the current directory.
    System.setProperty("derby.stream.error.file", data.part("derby.log").toString());
    launcher.startup(
        Map.of(
            SystemConfig.TYPE,
            "Memory",
            SystemConfig.INITIAL_CONFIGURATION_LOCATION,
            configuration(),
            SystemConfig.STARTUP_LOGGED_TO_SYSTEM_OUT,
            false,
            ConfiguredObject.CONTEXT,
            Map.of(
                "qpid.work_dir",
                data.part("").toString(),
                "aiopslab.port",
                Integer.toString(port),
                "aiopslab.user",
                USER,
                "aiopslab.password",
                password)));
  }

  /** The launcher only logs what goes wrong, so that a connection is the proof. */
  private void tryConnection() throws IOException, TimeoutException {
    ConnectionFactory client = new ConnectionFactory();
    client.setHost("localhost");
    client.setPort(port);
    client.setUsername(USER);
    client.setPassword(password);
    client.newConnection().close();
  }

  private static String configuration() {
    return Objects.requireNonNull(
            EmbeddedBroker.class.getResource("/embedded-broker.json"), "embedded-broker.json")
        .toString();
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return port;
  }

  String username() {
    return USER;
  }

  String password() {
    return password;
  }

  @Override
  public void close() {
    launcher.shutdown();
    try {
      data.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
