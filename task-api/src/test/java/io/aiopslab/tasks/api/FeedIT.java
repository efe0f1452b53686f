package io.aiopslab.tasks.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.store.TrajectoryFeed;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;
import tools.jackson.databind.JsonNode;

/** The feed under everything at once: many writers, rivals that number them, and crashes. */
@Tag("thorough")
class FeedIT {
  private static final int TASKS = 2000;
  private static final int WRITERS = 6;
  private static final int DEATHS = 20;
  private static final String END =
      """
      UPDATE tasks SET status = 'cancelled', completed_at = now(), changed_by = 'test' WHERE id = ?
      """;

  @Test
  void everyCompletionIsSeenOnceThoughTheConsumerAndTheSequencersDie() throws Exception {
    long seed = Long.getLong("aiopslab.feed.seed", System.nanoTime());
    System.out.println("FeedIT: -Daiopslab.feed.seed=" + seed);
    try (TestDatabase database = TestDatabase.createMigrated();
        TestBroker broker = TestBroker.create();
        RunningApi api = RunningApi.start(database, broker)) {
      List<UUID> ids = submitted(api);
      AtomicInteger next = new AtomicInteger();
      AtomicBoolean done = new AtomicBoolean();
      AtomicInteger killed = new AtomicInteger();
      ExecutorService threads = Executors.newCachedThreadPool();
      List<Future<?>> work = new ArrayList<>();
      List<Future<?>> writing = new ArrayList<>();
      for (int n = 0; n < WRITERS; n++) {
        Random random = new Random(seed + n);
        writing.add(threads.submit(() -> end(database, ids, next, random)));
      }
      for (int n = 0; n < 2; n++) {
        work.add(threads.submit(() -> sequence(api, done)));
      }
      work.add(threads.submit(() -> kill(api, new Random(seed), done, killed)));

      Consumer consumer = new Consumer(api, new Random(seed));
      long start = System.nanoTime();
      consumer.consume();
      long millis = (System.nanoTime() - start) / 1_000_000;

      for (Future<?> one : writing) {
        one.get(1, TimeUnit.MINUTES);
      }
      done.set(true);
      for (Future<?> one : work) {
        one.get(1, TimeUnit.MINUTES);
      }
      threads.shutdown();
      System.out.println(
          "FeedIT: %d trajectories in %d ms, %d deaths of the consumer, %d of sequencers"
              .formatted(consumer.seen.size(), millis, consumer.deaths, killed.get()));
      assertThat(consumer.seen).as("seed %d", seed).doesNotHaveDuplicates().hasSize(TASKS);
      assertThat(consumer.seen).containsExactlyInAnyOrderElementsOf(texts(ids));
      assertThat(consumer.deaths).isEqualTo(DEATHS);
      assertThat(
              api.sql()
                  .queryForObject(
                      "SELECT max(position) = count(*) FROM trajectory_feed", Boolean.class))
          .as("positions without gaps")
          .isTrue();
      assertThat(api.sql().queryForObject("SELECT count(*) FROM trajectory_queue", Long.class))
          .isZero();
    }
  }

  private static List<UUID> submitted(RunningApi api) {
    String batch = "{\"problem_id\":\"p\"},".repeat(1000);
    String body = "{\"tasks\":[" + batch.substring(0, batch.length() - 1) + "]}";
    for (int n = 0; n < TASKS / 1000; n++) {
      assertThat(api.post("/api/v1/tasks/batch", body).status()).isEqualTo(201);
    }
    return api.sql().queryForList("SELECT id FROM tasks ORDER BY random()", UUID.class);
  }

  /** Several in a transaction at times, commits late at times, and gives up at times. */
  private static void end(
      TestDatabase database, List<UUID> ids, AtomicInteger next, Random random) {
    try (Connection connection = database.dataSource().getConnection();
        PreparedStatement update = connection.prepareStatement(END)) {
      connection.setAutoCommit(false);
      while (true) {
        int count = 1 + random.nextInt(8);
        int from = next.getAndAdd(count);
        if (from >= TASKS) {
          return;
        }
        List<UUID> these = ids.subList(from, Math.min(TASKS, from + count));
        if (random.nextInt(10) == 0) {
          endAll(update, these);
          connection.rollback();
        }
        untilItIsCommitted(connection, update, these, random.nextInt(40));
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Again after a deadlock with the relay, which marks the same rows, as a collector would. */
  private static void untilItIsCommitted(
      Connection connection, PreparedStatement update, List<UUID> ids, int millis)
      throws SQLException {
    for (int tries = 1; ; tries++) {
      try {
        endAll(update, ids);
        connection.createStatement().execute("SELECT pg_sleep(" + millis / 1000.0 + ")");
        connection.commit();
        return;
      } catch (SQLException e) {
        connection.rollback();
        if (tries == 20) {
          throw e;
        }
      }
    }
  }

  private static void endAll(PreparedStatement update, List<UUID> ids) throws SQLException {
    for (UUID id : ids) {
      update.setObject(1, id);
      update.executeUpdate();
    }
  }

  private static void sequence(RunningApi api, AtomicBoolean done) {
    TrajectoryFeed feed = api.bean(TrajectoryFeed.class);
    while (!done.get()) {
      try {
        feed.append(7, Duration.ofSeconds(30));
      } catch (DataAccessException | TransactionException e) {
        // Its connection was killed; a collector tries again too.
      }
    }
  }

  /** Ends the connections that are numbering just now: a collector that crashes. */
  private static void kill(
      RunningApi api, Random random, AtomicBoolean done, AtomicInteger killed) {
    while (!done.get()) {
      try {
        api.sql().execute("SELECT pg_sleep(" + (20 + random.nextInt(60)) / 1000.0 + ")");
        killed.addAndGet(
            api.sql()
                .queryForList(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = current_database() AND state = 'active'
                      AND query LIKE 'SELECT feed_trajectories%' AND pid <> pg_backend_pid() LIMIT 1
                    """)
                .size());
      } catch (DataAccessException | TransactionException e) {
        // As above.
      }
    }
  }

  private static List<String> texts(List<UUID> ids) {
    return ids.stream().map(UUID::toString).toList();
  }

  /** Keeps each line together with its cursor, and nothing else over its deaths. */
  private static final class Consumer {
    private final RunningApi api;
    private final Random random;
    private final List<String> seen = new ArrayList<>();
    private @Nullable String cursor;
    private int deaths;

    Consumer(RunningApi api, Random random) {
      this.api = api;
      this.random = random;
    }

    void consume() throws IOException {
      long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
      while ((seen.size() < TASKS || deaths < DEATHS) && System.nanoTime() < deadline) {
        boolean doomed = deaths < DEATHS;
        int lines = doomed ? 1 + random.nextInt(TASKS / DEATHS) : Integer.MAX_VALUE;
        if (doomed && seen.size() >= TASKS) {
          deaths++;
        }
        if (seen.size() < TASKS) {
          life(lines);
          deaths += doomed ? 1 : 0;
        }
      }
    }

    /** Reads until it has seen so many, then is gone with whatever was on the way. */
    private void life(int lines) throws IOException {
      int left = lines;
      while (left > 0 && seen.size() < TASKS) {
        int limit = 1 + random.nextInt(200);
        String after = cursor == null ? "" : "&after=" + cursor;
        try (Socket socket = new Socket("localhost", api.url("/").getPort())) {
          socket
              .getOutputStream()
              .write(
                  ("GET /api/v1/trajectories?wait=5s&limit="
                          + limit
                          + after
                          + " HTTP/1.0\r\n"
                          + "Host: localhost\r\nAccept: application/x-ndjson\r\n\r\n")
                      .getBytes(StandardCharsets.US_ASCII));
          BufferedReader in =
              new BufferedReader(
                  new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
          for (String line = in.readLine(); line != null && left > 0; line = in.readLine()) {
            if (line.startsWith("{\"version\"")) {
              keep(Json.mapper().readTree(line));
              left--;
            } else if (line.startsWith("{\"next\"")) {
              cursor = Json.mapper().readTree(line).get("next").stringValue();
            }
          }
        }
      }
    }

    private void keep(JsonNode trajectory) {
      seen.add(trajectory.get("task_id").stringValue());
      cursor = trajectory.get("cursor").stringValue();
    }
  }
}
