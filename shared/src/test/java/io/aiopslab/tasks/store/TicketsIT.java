package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.message.Ticket;
import io.aiopslab.tasks.task.Task;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TicketsIT {
  private static final Duration MINUTE = Duration.ofMinutes(1);

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
}
