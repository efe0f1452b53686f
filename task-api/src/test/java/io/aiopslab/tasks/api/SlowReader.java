package io.aiopslab.tasks.api;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A client that takes its answer at some 400 KB a second, so that it never looks dead. */
final class SlowReader implements AutoCloseable {
  private static final int PIECE_BYTES = 8192;
  private static final long PAUSE_MILLIS = 20;

  private final Socket socket = new Socket();
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);

  private SlowReader() {}

  /** Asks for an answer and begins to read it. */
  static SlowReader of(URI url) throws IOException {
    SlowReader reader = new SlowReader();
    reader.socket.setReceiveBufferSize(PIECE_BYTES);
    reader.socket.connect(new InetSocketAddress(url.getHost(), url.getPort()));
    String request =
        "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n".formatted(url.getRawPath(), url.getAuthority());
    reader.socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    Thread thread = new Thread(reader::read, "slow-reader");
    thread.setDaemon(true);
    thread.start();
    return reader;
  }

  private void read() {
    byte[] piece = new byte[PIECE_BYTES];
    try {
      while (socket.getInputStream().read(piece) >= 0) {
        begun.countDown();
        if (ended.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (IOException e) {
      // The service has broken the answer off, or the test has closed the connection.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void awaitFirstBytes() throws InterruptedException {
    if (!begun.await(20, TimeUnit.SECONDS)) {
      throw new AssertionError("no answer within 20 s");
    }
  }

  @Override
  public void close() throws IOException {
    ended.countDown();
    socket.close();
  }
}
