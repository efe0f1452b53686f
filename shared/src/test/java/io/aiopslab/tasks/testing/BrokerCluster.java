package io.aiopslab.tasks.testing;

import io.aiopslab.tasks.testing.TestNetwork.Host;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Three nodes of RabbitMQ as a cluster, each on a host of its own. */
public final class BrokerCluster implements AutoCloseable {
  private static final int NODES = 3;

  private final List<Node> nodes = new CopyOnWriteArrayList<>();

  private BrokerCluster(TestNetwork network) {
    List<Host> hosts = Stream.generate(network::host).limit(NODES).toList();
    int epmdPort = FreePort.find();
    try {
      sideBySide(hosts, host -> nodes.add(new Node(host, hosts, epmdPort)));
      nodes.sort(Comparator.comparing(Node::place));
    } catch (RuntimeException | AssertionError e) {
      close();
      throw e;
    }
  }

  /** All at once, as each waits for another. */
  private static <T> void sideBySide(List<T> all, Consumer<T> start) {
    ExecutorService threads = Executors.newFixedThreadPool(NODES);
    try {
      CompletableFuture.allOf(
              all.stream()
                  .map(each -> CompletableFuture.runAsync(() -> start.accept(each), threads))
                  .toArray(CompletableFuture<?>[]::new))
          .join();
    } finally {
      threads.shutdown();
    }
  }

  /** Starts those that are not running; returns once they take connections. */
  public static void start(List<Node> nodes) {
    sideBySide(nodes, node -> node.process.start());
  }

  public static BrokerCluster start(TestNetwork network) {
    return new BrokerCluster(network);
  }

  public List<Node> nodes() {
    return List.copyOf(nodes);
  }

  /** That virtual host at the first node, as the user who may do all in it. */
  public TestBroker first(String virtualHost) {
    BrokerNode first = nodes.get(0).process;
    return new TestBroker(first.address().withVirtualHost(virtualHost), first.managementUrl());
  }

  @Override
  public void close() {
    nodes.forEach(node -> node.process.close());
  }

  /** One of them, with its host. */
  public static final class Node {
    private final Host host;
    private final BrokerNode process;

    private Node(Host host, List<Host> peers, int epmdPort) {
      this.host = host;
      this.process =
          InstalledBroker.tryStart(host, peers, epmdPort)
              .orElseThrow(() -> MissingServer.failure("No rabbitmq-server is installed."));
    }

    public Host host() {
      return host;
    }

    /** {@code host:port} for clients. */
    public String place() {
      return process.address().host() + ":" + process.address().port();
    }

    public void kill() {
      process.kill();
    }
  }
}
