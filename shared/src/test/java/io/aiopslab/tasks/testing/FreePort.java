package io.aiopslab.tasks.testing;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** A TCP port that nobody listens on. */
public final class FreePort {
  private static final int LOWEST = 15_000;
  private static final int ABOVE_HIGHEST = 30_000;

  private FreePort() {}

  /**
   * Finds a free port from 15,000 to 29,999: below the range that outgoing connections draw from,
   * so that it stays free while a server that owns it is down.
   */
  public static int find() {
    for (int attempt = 0; attempt < 1_000; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST, ABOVE_HIGHEST);
      if (isFree(port)) {
        return port;
      }
    }
    throw new IllegalStateException("no free port from " + LOWEST + " to " + (ABOVE_HIGHEST - 1));
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
