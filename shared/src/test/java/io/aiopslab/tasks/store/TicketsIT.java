package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.message.Ticket;
import io.aiopslab.tasks.task.Task;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TicketsIT {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private static final String WAITING =
      """
      SELECT count(*) FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'
      """;

  private final Store store = new Store();

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void oldestUnpublishedFirstUpToTheLimit() {
    List<Task> tasks = List.of(store.pending(), store.pending(), store.pending());
    for (Task task : tasks) {
      store.age("tasks", "created_at", task.id(), "10 minutes");
    }
    store.age("tasks", "created_at", tasks.get(2).id(), "20 minutes");

    assertThat(store.tickets.unpublished(MINUTE, 2))
        .hasSize(2)
        .startsWith(Ticket.of(tasks.get(2).id(), Store.BACKEND, null));
  }

  @Test
  void freshTasksAreStillBeingPublished() {
    Task task = store.pending();
    assertThat(store.tickets.unpublished(MINUTE, 10)).isEmpty();
    assertThat(store.tickets.unpublished(Duration.ZERO, 10))
        .containsExactly(Ticket.of(task.id(), Store.BACKEND, null));
  }

  @Test
  void publishedOnceIsEnough() {
    Task task = store.pending();
    store.tickets.markPublished(List.of(task.id(), UUID.randomUUID()));
    Task published = store.task(task.id());
    assertThat(published.publishedAt()).isNotNull();
    assertThat(store.tickets.unpublished(Duration.ZERO, 10)).isEmpty();

    store.tickets.markPublished(List.of(task.id()));
    assertThat(store.task(task.id())).isEqualTo(published);
  }

  @Test
  void workerThatWasFasterMakesNoTrouble() {
    Task running = store.running();
    Task completed = store.completed();
    assertThat(store.tickets.unpublished(Duration.ZERO, 10)).isEmpty();

    store.tickets.markPublished(List.of(running.id(), completed.id()));
    assertThat(store.task(running.id()).publishedAt()).isNotNull();
    assertThat(store.task(completed.id())).isEqualTo(completed);
  }

  /**
   * As everybody who locks several tasks does: else the cancel of a group and this can deadlock.
   */
  @Test
  void rowsAreLockedInTheOrderOfTheirIds() throws Exception {
    List<UUID> ids = Stream.generate(() -> store.pending().id()).limit(4).toList();
    store.age("tasks", "created_at", ids.get(0), "1 minute"); // its row now lies behind the others
    ExecutorService other = Executors.newSingleThreadExecutor();
    try (Connection holder = store.database.dataSource().getConnection();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("SELECT FROM tasks WHERE id = '" + ids.get(0) + "' FOR UPDATE");
      Future<?> marking = other.submit(() -> store.tickets.markPublished(ids));
      await().until(() -> store.sql.sql(WAITING).query(Integer.class).single() == 1);
      assertThat(
              store.sql.sql("SELECT id FROM tasks FOR UPDATE SKIP LOCKED").query(UUID.class).list())
          .containsExactlyInAnyOrderElementsOf(ids.subList(1, 4));
      holder.rollback();
      marking.get();
    } finally {
      other.shutdownNow();
    }
    assertThat(store.tickets.unpublished(Duration.ZERO, 10)).isEmpty();
  }
}
