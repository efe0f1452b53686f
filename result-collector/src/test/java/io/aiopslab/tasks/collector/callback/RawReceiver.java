package io.aiopslab.tasks.collector.callback;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** A receiver that misbehaves: it may say anything, at any speed. */
final class RawReceiver implements AutoCloseable {
  private final ServerSocket server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  final AtomicLong connections = new AtomicLong();

  interface Talk {
    void with(Socket client) throws IOException, InterruptedException;
  }

  RawReceiver(Talk talk) {
    try {
      server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    threads.execute(() -> accept(talk));
  }

  private void accept(Talk talk) {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        connections.incrementAndGet();
        sockets.add(client);
        threads.execute(() -> talk(talk, client));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private static void talk(Talk talk, Socket client) {
    try {
      talk.with(client);
    } catch (IOException gone) {
      // The client may hang up whenever it likes.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  String url() {
    return "http://127.0.0.1:" + server.getLocalPort() + "/done";
  }

  @Override
  public void close() throws IOException {
    threads.shutdownNow();
    server.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
