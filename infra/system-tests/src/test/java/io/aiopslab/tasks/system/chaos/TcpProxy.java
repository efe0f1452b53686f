package io.aiopslab.tasks.system.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/** A wire between the services and a server, on the loopback interface, that can go bad. */
final class TcpProxy implements AutoCloseable {
  private static final int PIECE_BYTES = 64 * 1024;
  private static final Duration HOLE_LOOK = Duration.ofMillis(20);

  private final ServerSocket listener;
  private final InetSocketAddress server;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean refusing;
  private volatile boolean swallowing;
  private volatile Duration delay = Duration.ZERO;

  TcpProxy(String host, int port) {
    this.server = new InetSocketAddress(host, port);
    try {
      listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    daemon("proxy-accept", this::acceptAll);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Ends every connection at once with a reset; new ones are taken. */
  void cut() {
    sockets.forEach(this::reset);
  }

  /** Ends every connection and takes no new one, until {@link #heal()}. */
  void refuse() {
    refusing = true;
    cut();
  }

  /** Holds back each piece of data for so long. */
  void delay(Duration each) {
    delay = each;
  }

  /** Connections stay and new ones are taken; nothing passes, until {@link #heal()}. */
  void swallow() {
    swallowing = true;
  }

  /** What was held back passes; connections that were cut stay cut. */
  void heal() {
    refusing = false;
    swallowing = false;
    delay = Duration.ZERO;
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    heal();
    cut();
  }

  private void acceptAll() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        sockets.add(client);
        daemon("proxy-connect", () -> connect(client));
      } catch (IOException e) {
        // Closed, or the client has gone already.
      }
    }
  }

  private void connect(Socket client) {
    if (refusing) {
      reset(client);
      return;
    }
    Socket upstream = new Socket();
    try {
      upstream.connect(server);
      client.setTcpNoDelay(true);
      upstream.setTcpNoDelay(true);
    } catch (IOException e) {
      reset(client);
      return;
    }
    sockets.add(upstream);
    daemon("proxy-up", () -> copy(client, upstream));
    daemon("proxy-down", () -> copy(upstream, client));
  }

  private void copy(Socket from, Socket to) {
    byte[] piece = new byte[PIECE_BYTES];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
        hold();
        out.write(piece, 0, length);
      }
      hold();
    } catch (IOException e) {
      // One side is gone, so the other goes too.
    }
    reset(from);
    reset(to);
  }

  private void hold() {
    if (!delay.isZero()) {
      LockSupport.parkNanos(delay.toNanos());
    }
    while (swallowing) {
      LockSupport.parkNanos(HOLE_LOOK.toNanos());
    }
  }

  private void reset(Socket socket) {
    sockets.remove(socket);
    abort(socket);
  }

  private static void abort(Socket socket) {
    try (socket) {
      socket.setSoLinger(true, 0);
    } catch (IOException e) {
      // It is closed already.
    }
  }

  private static void daemon(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }
}
