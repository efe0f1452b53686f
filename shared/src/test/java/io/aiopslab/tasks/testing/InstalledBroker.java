package io.aiopslab.tasks.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.attribute.PosixFilePermission.OWNER_READ;

import io.aiopslab.tasks.testing.TestNetwork.Host;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.util.FileSystemUtils;

/**
 * A private node of the installed {@code rabbitmq-server}, with its own ports, data, Erlang cookie
 * and epmd, all on the loopback interface, or on a host of a test's network as one of a cluster.
 * The machine's own broker, if it runs one, is not touched.
 */
final class InstalledBroker implements BrokerNode {
  private static final String KILL = "KILL";

  private final RabbitServerScript script;
  private final Host host;
  private final List<Host> peers;
  private final ServerDirectory directory = ServerDirectory.create("rabbitmq");
  private final int port = FreePort.find();
  private final int managementPort = FreePort.find();
  private final int distributionPort = FreePort.find();
  private final int epmdPort;
  private @Nullable ServerProcess epmd;
  private @Nullable ServerProcess node;

  private InstalledBroker(RabbitServerScript script, Host host, List<Host> peers, int epmdPort) {
    this.script = script;
    this.host = host;
    this.peers = peers;
    this.epmdPort = epmdPort;
  }

  static Optional<BrokerNode> tryStart() {
    return RabbitServerScript.find()
        .map(script -> startFirst(script, Host.LOOPBACK, List.of(), FreePort.find()));
  }

  /**
   * Starts a node of a cluster.
   *
   * @param peers where all its nodes are, itself included
   * @param epmdPort the same for all of them
   */
  static Optional<BrokerNode> tryStart(Host host, List<Host> peers, int epmdPort) {
    return RabbitServerScript.find().map(script -> startFirst(script, host, peers, epmdPort));
  }

  private static BrokerNode startFirst(
      RabbitServerScript script, Host host, List<Host> peers, int epmdPort) {
    InstalledBroker broker = new InstalledBroker(script, host, peers, epmdPort);
    try {
      broker.writeConfiguration();
      broker.start();
      return broker;
    } catch (RuntimeException e) {
      broker.close();
      throw e;
    }
  }

  @Override
  public BrokerAddress address() {
    return new BrokerAddress(host.address(), port, "guest", "guest", "/");
  }

  @Override
  public URI managementUrl() {
    return URI.create("http://" + host.address() + ":" + managementPort);
  }

  @Override
  public long pid() {
    return running().pid();
  }

  @Override
  public void start() {
    if (node != null) {
      throw new IllegalStateException("the node runs already");
    }
    if (epmd == null) {
      epmd = ServerProcess.start(epmdCommand(), directory, KILL);
    }
    ServerProcess started = ServerProcess.start(nodeCommand(), directory, KILL);
    started.awaitReady(address()::answers);
    node = started;
  }

  @Override
  public void stop() {
    end("TERM");
  }

  @Override
  public void kill() {
    end(KILL);
  }

  @Override
  public void pause() {
    running().pause();
  }

  @Override
  public void resume() {
    running().resume();
  }

  @Override
  public void wipe() {
    if (node != null) {
      throw new IllegalStateException("stop or kill the node first");
    }
    try {
      FileSystemUtils.deleteRecursively(directory.path().resolve("mnesia"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void control(String... arguments) {
    Stream<String> control =
        Stream.of(script.path().resolveSibling("rabbitmqctl").toString(), "-n", nodeName());
    ProcessBuilder command =
        host.command(
                script.command(
                    environment(),
                    Stream.concat(control, Stream.of(arguments)).toArray(String[]::new)))
            .redirectErrorStream(true);
    try {
      Process process = command.start();
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException("rabbitmqctl failed:\n" + output);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Override
  public void close() {
    directory.close();
  }

  private void end(String signal) {
    running().end(signal);
    node = null;
  }

  private ServerProcess running() {
    if (node == null) {
      throw new IllegalStateException("the node is not running");
    }
    return node;
  }

  private ProcessBuilder epmdCommand() {
    return host.command(
        script.command(
            Map.of(), "epmd", "-address", host.address(), "-port", Integer.toString(epmdPort)));
  }

  private ProcessBuilder nodeCommand() {
    return host.command(script.command(environment(), script.path().toString()));
  }

  private String nodeName() {
    return peers.isEmpty() ? "test-" + port + "@localhost" : nodeName(host);
  }

  private static String nodeName(Host host) {
    return "test@" + host.address();
  }

  private Map<String, String> environment() {
    Path home = directory.path();
    return Map.ofEntries(
        Map.entry("HOME", home.toString()),
        Map.entry("RUNNING_UNDER_SYSTEMD", "true"),
        Map.entry("ERL_EPMD_PORT", Integer.toString(epmdPort)),
        Map.entry("ERL_EPMD_ADDRESS", host.address()),
        Map.entry("RABBITMQ_NODENAME", nodeName()),
        Map.entry("RABBITMQ_USE_LONGNAME", Boolean.toString(!peers.isEmpty())),
        Map.entry("RABBITMQ_DIST_PORT", Integer.toString(distributionPort)),
        Map.entry("RABBITMQ_MNESIA_BASE", home.resolve("mnesia").toString()),
        Map.entry("RABBITMQ_LOG_BASE", home.resolve("log").toString()),
        Map.entry("RABBITMQ_CONFIG_FILE", home.resolve("rabbitmq").toString()),
        Map.entry("RABBITMQ_ADVANCED_CONFIG_FILE", home.resolve("advanced.config").toString()),
        Map.entry("RABBITMQ_CONF_ENV_FILE", home.resolve("no-environment").toString()),
        Map.entry("RABBITMQ_ENABLED_PLUGINS_FILE", home.resolve("plugins").toString()),
        Map.entry("RABBITMQ_PID_FILE", home.resolve("pid").toString()),
        Map.entry(
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
            "-kernel inet_dist_use_interface {%s}".formatted(host.address().replace('.', ','))));
  }

  private void writeConfiguration() {
    String configuration =
        """
        listeners.tcp.local = %1$s:%2$d
        management.tcp.ip = %1$s
        management.tcp.port = %3$d
        disk_free_limit.absolute = 50MB
        collect_statistics_interval = 1000
        log.file.level = warning
        """
            .formatted(host.address(), port, managementPort);
    try {
      Files.writeString(
          directory.path().resolve("rabbitmq.conf"), configuration + clusterConfiguration());
      Files.writeString(directory.path().resolve("plugins"), "[rabbitmq_management].\n");
      if (!peers.isEmpty()) {
        writeCookie();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As infra/rabbitmq/rabbitmq.conf has it for three nodes. */
  private String clusterConfiguration() {
    if (peers.isEmpty()) {
      return "";
    }
    StringBuilder lines =
        new StringBuilder(
            """
            loopback_users = none
            cluster_partition_handling = pause_minority
            cluster_formation.peer_discovery_backend = classic_config
            """);
    for (int i = 0; i < peers.size(); i++) {
      lines.append(
          "cluster_formation.classic_config.nodes.%d = %s%n"
              .formatted(i + 1, nodeName(peers.get(i))));
    }
    return lines.toString();
  }

  private void writeCookie() throws IOException {
    Path cookie =
        Files.writeString(directory.path().resolve(".erlang.cookie"), "OFTHESETESTSALONE");
    Files.setPosixFilePermissions(cookie, Set.of(OWNER_READ));
  }
}
