package io.aiopslab.tasks.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Hosts on a network of one test's own, each of which can be cut off: namespaces on a bridge that
 * this machine is at, too. Made only where the whole network is the tests' own, in {@code
 * infra/scripts/in-trixie.sh}, which says so by {@value #OWN}; elsewhere the test is aborted, or
 * fails if the environment says {@code CI=true}.
 */
public final class TestNetwork implements AutoCloseable {
  private static final String OWN = "AIOPSLAB_OWN_NETWORK";
  private static final String BRIDGE = "aiopslab";
  private static final String NET = "10.211.0.";

  private final List<Host> hosts = new ArrayList<>();

  private TestNetwork() {
    run("ip", "link", "add", BRIDGE, "type", "bridge");
    run("ip", "address", "add", NET + "1/24", "dev", BRIDGE);
    run("ip", "link", "set", BRIDGE, "up");
  }

  public static TestNetwork create() {
    if (System.getenv(OWN) == null) {
      throw MissingServer.failure(
          "No network of the tests' own. Run make test-clusters, which makes one.");
    }
    return new TestNetwork();
  }

  /** A new host, with loopback and one address. */
  public Host host() {
    Host host = new Host("h" + hosts.size(), NET + (10 + hosts.size()));
    hosts.add(host);
    host.make();
    return host;
  }

  /** All networks of this test have to be closed before another is made, servers on it before. */
  @Override
  public void close() {
    hosts.forEach(host -> run("ip", "netns", "delete", host.name));
    run("ip", "link", "delete", BRIDGE);
  }

  /** Where servers run: this machine's loopback interface, or a host of a test's network. */
  public static final class Host {
    static final Host LOOPBACK = new Host("", "127.0.0.1");

    private final String name;
    private final String address;

    private Host(String name, String address) {
      this.name = name;
      this.address = address;
    }

    private void make() {
      run("ip", "netns", "add", name);
      run("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name);
      run("ip", "link", "set", name, "master", BRIDGE, "up");
      run("ip", "-n", name, "link", "set", "lo", "up");
      run("ip", "-n", name, "address", "add", address + "/24", "dev", "eth0");
      run("ip", "-n", name, "link", "set", "eth0", "up");
    }

    public String address() {
      return address;
    }

    /** Nothing comes through any more, in either direction, and nobody is told. */
    public void cutOff() {
      run("ip", "link", "set", name, "down");
    }

    public void heal() {
      run("ip", "link", "set", name, "up");
    }

    /** The same program, there; it keeps its process id. */
    ProcessBuilder command(ProcessBuilder command) {
      if (!name.isEmpty()) {
        List<String> there = List.of("nsenter", "--net=/run/netns/" + name);
        command.command(Stream.concat(there.stream(), command.command().stream()).toList());
      }
      return command;
    }
  }

  private static void run(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException(String.join(" ", command) + ": " + output);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
