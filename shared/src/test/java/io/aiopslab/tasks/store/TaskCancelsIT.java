package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskSpec;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.task.Transition;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

class TaskCancelsIT {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final int ROUNDS = 1000;

  private final Store store = new Store();

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void pendingTaskIsCancelledAtOnceAndForGood() {
    Task task = store.pending();
    Task cancelled = store.cancels.cancelPending(task.id(), "No \u0000 more.").orElseThrow();

    assertThat(cancelled.status()).isEqualTo(TaskStatus.CANCELLED);
    assertThat(cancelled.cancel())
        .isEqualTo(
            new Task.Cancel(Objects.requireNonNull(cancelled.completedAt()), "No \uFFFD more."));
    assertThat(cancelled.run()).isNull();
    assertThat(store.task(task.id())).isEqualTo(cancelled);
    assertThat(lastMove(task)).isEqualTo("pending cancelled api No \uFFFD more.");

    assertThat(store.cancels.cancelPending(task.id(), null)).isEmpty();
    assertThat(store.cancels.request(task.id(), null)).isEmpty();
    assertThat(store.claims.claim(Store.WORKER, Store.BACKEND, UUID.randomUUID())).isEmpty();
    assertThat(store.task(task.id())).isEqualTo(cancelled);
  }

  @Test
  void runningTaskGoesOnWithTheFirstWish() {
    Task task = store.running();
    assertThat(store.cancels.cancelPending(task.id(), null)).isEmpty();
    Task wished = store.cancels.request(task.id(), "first").orElseThrow();

    assertThat(wished.status()).isEqualTo(TaskStatus.RUNNING);
    assertThat(Objects.requireNonNull(wished.cancel()).reason()).isEqualTo("first");
    assertThat(store.cancels.request(task.id(), "second")).isEmpty();
    assertThat(store.task(task.id())).isEqualTo(wished);
    assertThat(store.cancels.unanswered(Duration.ZERO, 10))
        .containsExactly(new TaskCancels.Order(Store.WORKER, task.id(), Store.session(task)));
    assertThat(store.cancels.unanswered(MINUTE, 10)).isEmpty();
    assertThat(store.cancels.sessionsOf(List.of(Store.WORKER, "other")))
        .containsExactly(Store.session(task));
    assertThat(store.cancels.sessionsOf(List.of("other"))).isEmpty();

    finish(task, TaskStatus.CANCELLED);
    assertThat(store.cancels.unanswered(Duration.ZERO, 10)).isEmpty();
    assertThat(store.cancels.sessionsOf(List.of(Store.WORKER))).isEmpty();
    assertThat(lastMove(task)).isEqualTo("running cancelled collector first");
  }

  @Test
  void aResultThatComesFirstStands() {
    Task task = store.running();
    store.cancels.request(task.id(), null);
    assertThat(finish(task, TaskStatus.COMPLETED)).isEqualTo(Transition.APPLIED);
    assertThat(finish(task, TaskStatus.CANCELLED)).isEqualTo(Transition.STALE);
    assertThat(store.task(task.id()).status()).isEqualTo(TaskStatus.COMPLETED);
    assertThat(lastMove(task)).isEqualTo("running completed collector");
  }

  @Test
  void unknownTaskCannotBeCancelled() {
    assertThat(store.cancels.cancelPending(UUID.randomUUID(), null)).isEmpty();
    assertThat(store.cancels.request(UUID.randomUUID(), null)).isEmpty();
  }

  @Test
  void reasonIsBounded() {
    assertThat(store.cancels.cancelPending(store.pending().id(), "x".repeat(500))).isPresent();
    UUID id = store.pending().id();
    assertThatThrownBy(() -> store.cancels.cancelPending(id, "x".repeat(501)))
        .hasMessageContaining("cancel_reason");
  }

  @Test
  void aWishThatNobodyAnswersIsGrantedAfterTheGrace() {
    Task silent = store.running();
    Task inGrace = store.running();
    Task unasked = store.running();
    store.cancels.request(silent.id(), "enough");
    store.cancels.request(inGrace.id(), null);
    store.age("tasks", "cancel_requested_at", silent.id(), "61 seconds");

    assertThat(store.cancels.endUnanswered(MINUTE)).containsExactly(silent.id());
    assertThat(store.cancels.endUnanswered(MINUTE)).isEmpty();
    Task ended = store.task(silent.id());
    assertThat(ended.status()).isEqualTo(TaskStatus.CANCELLED);
    Task.Failure failure = Objects.requireNonNull(ended.failure());
    assertThat(failure.code()).isEqualTo(FailureCode.CANCELLED_UNCONFIRMED);
    assertThat(failure.details()).contains(Store.WORKER);
    assertThat(lastMove(silent))
        .isEqualTo("running cancelled collector:cancel-sweep cancelled_unconfirmed: enough");
    assertThat(finish(silent, TaskStatus.COMPLETED)).isEqualTo(Transition.STALE);
    assertThat(store.task(unasked.id())).isEqualTo(unasked);
    assertThat(store.task(inGrace.id()).status()).isEqualTo(TaskStatus.RUNNING);
  }

  @Test
  void theOtherSweepsLeaveACancelledRunToThisOne() {
    store.workers.register(Store.worker("gone"));
    Task task = store.running("gone");
    store.cancels.request(task.id(), null);
    store.age("tasks", "deadline_at", task.id(), "10 minutes");
    store.age("workers", "last_heartbeat_at", "gone", "10 minutes");
    assertThat(store.endings.failOverdue(MINUTE)).isEmpty();
    assertThat(store.endings.failLost(MINUTE, MINUTE)).isEmpty();
  }

  @Test
  void manyAreCancelledWithoutReadingThoseThatHaveEnded() {
    for (int i = 0; i < 60; i++) {
      store.completed();
    }
    Task running = store.running();
    List<UUID> open = List.of(running.id(), store.pending().id(), store.pending().id());
    TaskFilter filter = TaskFilter.created(null, Instant.now().plusSeconds(3600));
    Conditions conditions = Conditions.of(filter);
    Map<String, Object> parameters = new HashMap<>(conditions.parameters());
    parameters.put("limit", 1000);
    String query = BulkCancels.OPEN.replace("{where}", conditions.where());
    assertThat(store.rowsRead("tasks", query, parameters)).isEqualTo(3);

    assertThat(store.bulkCancels.open(filter, 1000)).isEqualTo(open);
    BulkCancels.Many many = store.bulkCancels.cancel(open, "test", "all of them");
    assertThat(many.cancelled()).isEqualTo(2);
    assertThat(many.running())
        .containsExactly(new TaskCancels.Order(Store.WORKER, running.id(), Store.session(running)));
    assertThat(store.bulkCancels.open(filter, 1000)).isEmpty();
    assertThat(store.bulkCancels.cancel(open, "test", "again").size()).isZero();
  }

  /**
   * What a collector stores refers to its task, which holds the task's key until the commit. Who
   * changes no key need not wait for that, and two of them cannot wait for each other.
   */
  @Test
  void nobodyWaitsForWhoRefersToATask() throws Exception {
    TaskGroups groups = new TaskGroups(store.sql);
    UUID group = TaskSubmissions.nextId();
    groups.create(group, 2, 1);
    List<UUID> samples = List.of(TaskSubmissions.nextId(), TaskSubmissions.nextId());
    store.submissions.submitSamples(group, samples, Store.spec("group", 5), null, null);
    store.bulkCancels.cancel(samples, "test", null);
    Task waiting = store.pending();
    Task called =
        store.submissions.submit(
            new TaskSpec(
                "p",
                "called",
                5,
                30,
                30,
                Json.mapper().createObjectNode(),
                Json.mapper().createObjectNode(),
                "http://trainer.example/"));
    store.cancels.cancelPending(called.id(), null);
    try (Connection reference = store.open()) {
      reference.setAutoCommit(false);
      for (String table : List.of("tasks", "task_groups", "callback_deliveries")) {
        reference.createStatement().execute("SELECT FROM " + table + " FOR KEY SHARE");
      }
      store.set("lock_timeout = '2s'");
      assertThat(store.claims.claim(Store.WORKER, Store.BACKEND, UUID.randomUUID())).isPresent();
      assertThat(store.bulkCancels.cancel(List.of(waiting.id()), "test", null).size()).isEqualTo(1);
      assertThat(groups.stop(10)).containsExactly(group);
      assertThat(store.callbacks.claim(UUID.randomUUID(), MINUTE, List.of())).isPresent();
    }
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void ofACancelAndAClaimExactlyOneWins() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    SingleConnectionDataSource claimer = connection();
    SingleConnectionDataSource canceller = connection();
    try {
      TaskClaims claims = new TaskClaims(JdbcClient.create(claimer));
      TaskCancels cancels = new TaskCancels(JdbcClient.create(canceller));
      TaskSubmissions submissions = new TaskSubmissions(JdbcClient.create(claimer));
      CyclicBarrier together = new CyclicBarrier(2);
      int claimed = 0;
      for (int round = 0; round < ROUNDS; round++) {
        UUID id = submissions.submit(Store.spec(Store.BACKEND, 5)).id();
        Future<Boolean> claim =
            threads.submit(
                () -> {
                  together.await();
                  return claims.claim(Store.WORKER, Store.BACKEND, UUID.randomUUID()).isPresent();
                });
        Future<Boolean> cancel =
            threads.submit(
                () -> {
                  together.await();
                  return cancels.cancelPending(id, null).isPresent();
                });
        assertThat(claim.get()).as("round %d", round).isNotEqualTo(cancel.get());
        claimed += claim.get() ? 1 : 0;
      }
      assertThat(store.count("task_transitions WHERE to_status = 'running'")).isEqualTo(claimed);
      assertThat(store.count("task_transitions WHERE to_status = 'cancelled'"))
          .isEqualTo(ROUNDS - claimed);
    } finally {
      threads.shutdownNow();
      claimer.destroy();
      canceller.destroy();
    }
  }

  private SingleConnectionDataSource connection() throws Exception {
    return new SingleConnectionDataSource(store.database.dataSource().getConnection(), true);
  }

  private Transition finish(Task task, TaskStatus status) {
    return store.endings.finish(task.id(), Store.session(task), status, null, null);
  }

  private String lastMove(Task task) {
    return store
        .sql
        .sql(
            """
            SELECT concat_ws(' ', from_status, to_status, changed_by, reason)
            FROM task_transitions WHERE task_id = ? ORDER BY at DESC LIMIT 1
            """)
        .param(task.id())
        .query(String.class)
        .single();
  }
}
