package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.task.RegisteredWorker;
import io.aiopslab.tasks.task.Task;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WorkerControlsIT {
  private final Store store = new Store();
  private final WorkerControls controls = new WorkerControls(store.sql);

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void aHeldWorkerWinsNothingAlsoInItsNextLife() {
    store.workers.register(Store.worker("kind-1"));
    store.pending();
    assertThat(controls.pause("kind-1", null)).isTrue();
    assertThat(claim("kind-1")).isEmpty();
    store.workers.register(Store.worker("kind-1"));
    assertThat(claim("kind-1")).isEmpty();
    assertThat(controls.drain("kind-1", "later")).isTrue();
    assertThat(controls.heldAmong(List.of("kind-1", "kind-2"))).containsExactly("kind-1");
    RegisteredWorker held = store.workers.find("kind-1", Duration.ofMinutes(1)).orElseThrow();
    assertThat(held.paused() && held.draining() && held.drained()).isTrue();
    assertThat(held.reason()).isEqualTo("later");

    assertThat(controls.resume("kind-1")).isTrue();
    assertThat(controls.heldAmong(List.of("kind-1"))).isEmpty();
    assertThat(claim("kind-1")).isPresent();
    assertThat(controls.pause("nobody", null) || controls.resume("nobody")).isFalse();
  }

  /** A claim that meets a pause on its way waits for it, and obeys. */
  @Test
  void aClaimIsNeverBesideAnOperatorsWord() throws Exception {
    store.workers.register(Store.worker("kind-1"));
    Task task = store.pending();
    try (Connection operator = store.open();
        Statement statement = operator.createStatement()) {
      operator.setAutoCommit(false);
      statement.execute("UPDATE workers SET paused_at = now() WHERE id = 'kind-1'");
      CompletableFuture<Optional<Task>> claim =
          CompletableFuture.supplyAsync(() -> claim("kind-1"), work -> new Thread(work).start());
      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () ->
                  store
                          .sql
                          .sql(
                              "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                                  + " AND datname = current_database()")
                          .query(Long.class)
                          .single()
                      == 1);
      operator.commit();
      assertThat(claim.get()).isEmpty();
    }
    assertThat(store.task(task.id()).run()).isNull();
  }

  private Optional<Task> claim(String worker) {
    return store.claims.claim(worker, Store.BACKEND, UUID.randomUUID());
  }
}
