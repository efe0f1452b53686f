package io.aiopslab.tasks.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.store.TaskLogs;
import io.aiopslab.tasks.task.LogLevel;
import io.aiopslab.tasks.task.LogLine;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** 500 watchers of 500 tasks: few queries a tick, and no thread each. */
class ManyWatchersIT {
  private static final int WATCHERS = 500;
  private static final Instant THEN = Instant.parse("2026-11-23T08:00:00Z");

  @Test
  void manyWatchersCostFewQueriesAndNoThreads() throws Exception {
    try (TestDatabase database = TestDatabase.createMigrated();
        TestBroker broker = TestBroker.create();
        RunningApi api = RunningApi.start(database, broker);
        Watchers watchers = new Watchers()) {
      List<String> ids =
          IntStream.range(0, WATCHERS)
              .mapToObj(n -> api.submit("{\"problem_id\":\"p\",\"backend_type\":\"many\"}").id())
              .toList();
      int threadsBefore = Thread.activeCount();
      for (String id : ids) {
        watchers.open(api, id);
        int open = watchers.channels.size();
        // Not more beginnings at once than are let in.
        await()
            .pollInterval(Duration.ofMillis(2))
            .until(() -> open % 20 > 0 || watchers.seeing("retry: ") == open);
      }
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> watchers.seeing("event: status") == WATCHERS);
      assertThat(Thread.activeCount() - threadsBefore).as("new threads").isLessThan(40);

      long queriesBefore = queries(api);
      long start = System.nanoTime();
      api.bean(TaskLogs.class)
          .append(
              ids.stream()
                  .map(
                      id ->
                          new TaskLogs.Entry(
                              UUID.fromString(id),
                              new LogLine(0, THEN, LogLevel.INFO, "hello watcher", null)))
                  .toList());
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> watchers.seeing("hello watcher") == WATCHERS);
      double ticks = (System.nanoTime() - start) / 250e6 + 2;
      assertThat(queries(api) - queriesBefore)
          .as("in %s ticks", ticks)
          .isLessThan((long) (6 * ticks));
    }
  }

  /** How often the pool has handed out a connection: every query of the API takes one. */
  private static long queries(RunningApi api) {
    return api.get("/actuator/metrics/hikaricp.connections.usage")
        .json()
        .at("/measurements/0/value")
        .longValue();
  }

  /** One thread that reads all streams. */
  private static final class Watchers implements AutoCloseable {
    private final Selector selector;
    private final List<StringBuilder> received = new ArrayList<>();
    private final List<SocketChannel> channels = new ArrayList<>();

    Watchers() throws IOException {
      selector = Selector.open();
    }

    void open(RunningApi api, String id) throws IOException {
      SocketChannel channel =
          SocketChannel.open(new InetSocketAddress("localhost", api.url("/").getPort()));
      String request = "GET /api/v1/tasks/" + id + "/events HTTP/1.1\r\nHost: localhost\r\n\r\n";
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
      channel.configureBlocking(false);
      StringBuilder text = new StringBuilder();
      received.add(text);
      channels.add(channel);
      channel.register(selector, SelectionKey.OP_READ, text);
    }

    long seeing(String what) throws IOException {
      ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
      selector.selectNow(
          key -> {
            try {
              buffer.clear();
              ((SocketChannel) key.channel()).read(buffer);
              buffer.flip();
              ((StringBuilder) key.attachment()).append(StandardCharsets.UTF_8.decode(buffer));
            } catch (IOException e) {
              throw new IllegalStateException(e);
            }
          });
      return received.stream().filter(text -> text.indexOf(what) >= 0).count();
    }

    @Override
    public void close() throws IOException {
      for (SocketChannel channel : channels) {
        channel.close();
      }
      selector.close();
    }
  }
}
