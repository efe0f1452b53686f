package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskStatus;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TaskQueriesIT {
  private final Store store = new Store();

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void listsNewestFirstByStatusAndPage() {
    Task completed = store.completed();
    Task running = store.running();
    Task older = store.pending();
    Task newer = store.pending();

    assertThat(store.queries.newestFirst(null, 10, 0))
        .containsExactly(newer, older, running, completed);
    assertThat(store.queries.newestFirst(null, 2, 1)).containsExactly(older, running);
    assertThat(store.queries.newestFirst(TaskStatus.PENDING, 10, 0)).containsExactly(newer, older);
    assertThat(store.queries.count(null)).isEqualTo(4);
    assertThat(store.queries.count(TaskStatus.PENDING)).isEqualTo(2);
    assertThat(store.queries.count(TaskStatus.FAILED)).isZero();
  }

  @Test
  void unknownTaskIsNotFound() {
    assertThat(store.queries.find(UUID.randomUUID())).isEmpty();
  }

  @Test
  void knowsWhichHaveEnded() {
    Task completed = store.completed();
    Task running = store.running();
    List<UUID> ids = List.of(completed.id(), running.id(), UUID.randomUUID());
    assertThat(store.queries.terminalAmong(ids)).containsExactly(completed.id());
    assertThat(store.queries.terminalAmong(List.of())).isEmpty();
  }
}
