package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.task.Task;
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
    assertThat(store.queries.openAmong(ids)).containsExactly(running.id());
  }

  @Test
  void findsManyInTheOrderOfTheirIds() {
    Task older = store.pending();
    Task newer = store.pending();
    assertThat(store.queries.findAll(List.of(newer.id(), UUID.randomUUID(), older.id())))
        .containsExactly(newer, older);
  }
}
