package io.aiopslab.tasks.testing;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A TCP port that nobody listens on. Several test JVMs beside each other have a range each, which
 * {@code AIOPSLAB_TEST_PORTS} names as {@code 15000-15999}, so that none takes what another is just
 * about to open.
 */
public final class FreePort {
  private static final String RANGE =
      System.getenv().getOrDefault("AIOPSLAB_TEST_PORTS", "15000-29999");
  private static final int LOWEST = Integer.parseInt(RANGE.substring(0, RANGE.indexOf('-')));
  private static final int HIGHEST = Integer.parseInt(RANGE.substring(RANGE.indexOf('-') + 1));

  private static final Set<Integer> given = new HashSet<>();

  private FreePort() {}

  /**
   * Finds a free port that was not given out lately, by default from 15,000 to 29,999: below the
   * range that outgoing connections draw from, so that it stays free while a server that owns it is
   * down.
   */
  public static synchronized int find() {
    for (int attempt = 0; attempt < 1_000; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST + 1);
      if (!given.contains(port) && isFree(port)) {
        given.add(port);
        return port;
      }
      if (given.size() > (HIGHEST - LOWEST) / 2) {
        given.clear();
      }
    }
    throw new IllegalStateException("no free port from " + LOWEST + " to " + HIGHEST);
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(port));
      return true;
    } catch (IOException taken) {
      return false;
    }
  }
}
