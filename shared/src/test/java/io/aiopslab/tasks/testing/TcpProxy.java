package io.aiopslab.tasks.testing;

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
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/** A port on the loopback interface that leads to a server, over a wire that can go bad. */
public final class TcpProxy implements AutoCloseable {
  private static final int PIECE_BYTES = 64 * 1024;

  private final ServerSocket listener;
  private final InetSocketAddress server;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition passes = lock.newCondition();
  private boolean swallowing;
  private volatile boolean refusing;
  private volatile Duration delay = Duration.ZERO;

  private TcpProxy(ServerSocket listener, InetSocketAddress server) {
    this.listener = listener;
    this.server = server;
  }

  /** Leads to that port of the loopback interface. */
  public static TcpProxy to(int port) {
    return to(InetAddress.getLoopbackAddress().getHostAddress(), port);
  }

  public static TcpProxy to(String host, int port) {
    try {
      ServerSocket listener =
          new ServerSocket(FreePort.find(), 200, InetAddress.getLoopbackAddress());
      TcpProxy proxy = new TcpProxy(listener, new InetSocketAddress(host, port));
      daemon("proxy-accept", proxy::acceptAll);
      return proxy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** Ends every connection at once with a reset; new ones are let through. */
  public void cut() {
    sockets.forEach(this::reset);
  }

  /** Ends every connection and takes no new one, until {@link #heal()}. */
  public void refuse() {
    refusing = true;
    cut();
  }

  /** Holds back each piece of data for so long. */
  public void delay(Duration each) {
    delay = each;
  }

  /** Connections stay and new ones are taken, and not one byte passes, until {@link #heal()}. */
  public void swallow() {
    swallowing(true);
  }

  /** What was held back goes on its way; connections that were cut stay cut. */
  public void heal() {
    refusing = false;
    delay = Duration.ZERO;
    swallowing(false);
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

  private void swallowing(boolean on) {
    lock.lock();
    try {
      swallowing = on;
      passes.signalAll();
    } finally {
      lock.unlock();
    }
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
    if (refusing || listener.isClosed()) { // since it was looked at, before this one was known
      reset(client);
      reset(upstream);
      return;
    }
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
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    reset(from);
    reset(to);
  }

  private void hold() throws InterruptedException {
    if (!delay.isZero()) {
      LockSupport.parkNanos(delay.toNanos());
    }
    lock.lock();
    try {
      while (swallowing) {
        passes.await();
      }
    } finally {
      lock.unlock();
    }
  }

  private void reset(Socket socket) {
    sockets.remove(socket);
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
