package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.task.Transition;
import io.aiopslab.tasks.task.Worker;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TaskEndingsIT {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final Store store = new Store();

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void onlyTheSessionEndsItsTaskAndOnlyOnce() {
    Task task = store.running();
    assertThat(complete(task.id(), UUID.randomUUID())).isEqualTo(Transition.STALE);
    assertThat(store.task(task.id())).isEqualTo(task);

    assertThat(complete(task.id(), Store.session(task))).isEqualTo(Transition.APPLIED);
    Task ended = store.task(task.id());
    assertThat(ended.status()).isEqualTo(TaskStatus.COMPLETED);
    assertThat(ended.completedAt()).isNotNull();

    assertThat(complete(task.id(), Store.session(task))).isEqualTo(Transition.STALE);
    assertThat(store.task(task.id())).isEqualTo(ended);
  }

  @Test
  void pendingTaskCannotEnd() {
    assertThat(complete(store.pending().id(), UUID.randomUUID())).isEqualTo(Transition.STALE);
  }

  @Test
  void unknownTaskIsUnknown() {
    assertThat(complete(UUID.randomUUID(), UUID.randomUUID())).isEqualTo(Transition.UNKNOWN);
  }

  @Test
  void failureSaysWhy() {
    Task task = store.running();
    assertThat(
            store.endings.finish(
                task.id(),
                Store.session(task),
                TaskStatus.FAILED,
                FailureCode.AGENT_ERROR,
                "It said \u0000."))
        .isEqualTo(Transition.APPLIED);
    assertThat(store.task(task.id()).failure())
        .isEqualTo(new Task.Failure(FailureCode.AGENT_ERROR, "It said \uFFFD."));
  }

  @Test
  void everyFailureCodeIsKnownToTheSchema() {
    for (FailureCode code : FailureCode.values()) {
      Task task = store.running();
      store.endings.finish(task.id(), Store.session(task), TaskStatus.FAILED, code, "Because.");
      assertThat(store.task(task.id()).failure()).isEqualTo(new Task.Failure(code, "Because."));
    }
  }

  @Test
  void runsCanBeCancelled() {
    Task task = store.running();
    store.endings.finish(task.id(), Store.session(task), TaskStatus.CANCELLED, null, null);
    assertThat(store.task(task.id()).status()).isEqualTo(TaskStatus.CANCELLED);
  }

  @Test
  void overdueRunsFailAfterTheGrace() {
    Task overdue = store.running();
    Task inGrace = store.running();
    Task inTime = store.running();
    store.pending();
    store.age("tasks", "deadline_at", overdue.id(), "61 seconds");
    store.age("tasks", "deadline_at", inGrace.id(), "30 seconds");

    assertThat(store.endings.failOverdue(MINUTE)).containsExactly(overdue.id());
    assertThat(store.endings.failOverdue(MINUTE)).isEmpty();
    Task.Failure failure = Objects.requireNonNull(store.task(overdue.id()).failure());
    assertThat(failure.code()).isEqualTo(FailureCode.TIMEOUT);
    assertThat(failure.details()).contains("30 minutes", Store.WORKER);
    assertThat(store.task(inTime.id())).isEqualTo(inTime);
    assertThat(complete(overdue.id(), Store.session(overdue))).isEqualTo(Transition.STALE);
  }

  @Test
  void runsOfASilentWorkerFail() {
    store.workers.register(Store.worker("silent"));
    store.workers.register(Store.worker("alive"));
    Task lost = store.running("silent");
    Task safe = store.running("alive");
    store.age("workers", "last_heartbeat_at", "silent", "61 seconds");

    assertThat(lost()).containsExactly(lost.id());
    assertThat(lost()).isEmpty();
    Task.Failure failure = Objects.requireNonNull(store.task(lost.id()).failure());
    assertThat(failure.code()).isEqualTo(FailureCode.WORKER_LOST);
    assertThat(failure.details()).contains("silent was last heard of at 2");
    assertThat(store.task(safe.id())).isEqualTo(safe);
  }

  @Test
  void runsOfAFormerLifeFailOnceTheNewOneHasSettled() {
    store.workers.register(Store.worker("reborn"));
    store.age("workers", "registered_at", "reborn", "10 minutes");
    Task lost = store.running("reborn");
    store.age("tasks", "started_at", lost.id(), "5 minutes");
    assertThat(lost()).isEmpty();

    Worker again = Store.worker("reborn");
    store.workers.register(again);
    assertThat(lost()).as("it may still report").isEmpty();

    store.age("workers", "registered_at", "reborn", "2 minutes");
    Task newer = store.running("reborn");
    assertThat(lost()).containsExactly(lost.id());
    Task.Failure failure = Objects.requireNonNull(store.task(lost.id()).failure());
    assertThat(failure.details()).contains("was restarted");
    assertThat(store.task(newer.id())).isEqualTo(newer);
  }

  /** Two that change many tasks and wait for each other would end in a deadlock. */
  @Test
  void sweepsPassOverTasksThatSomebodyElseIsChanging() throws Exception {
    store.workers.register(Store.worker("silent"));
    store.age("workers", "last_heartbeat_at", "silent", "61 seconds");
    for (boolean held : List.of(true, false)) {
      Task overdue = store.running();
      store.age("tasks", "deadline_at", overdue.id(), "61 seconds");
      store.running("silent");
      Task cancelled = store.running();
      store.cancels.request(cancelled.id(), null);
      store.age("tasks", "cancel_requested_at", cancelled.id(), "61 seconds");
      try (Connection other = store.open()) {
        other.setAutoCommit(false);
        if (held) {
          other.createStatement().execute("SELECT FROM tasks FOR NO KEY UPDATE");
        }
        store.set("lock_timeout = '2s'");
        assertThat(store.endings.failOverdue(MINUTE)).hasSize(held ? 0 : 2);
        assertThat(lost()).hasSize(held ? 0 : 2);
        assertThat(store.cancels.endUnanswered(MINUTE)).hasSize(held ? 0 : 2);
      }
    }
  }

  private List<UUID> lost() {
    return store.endings.failLost(MINUTE, MINUTE);
  }

  private Transition complete(UUID task, UUID session) {
    return store.endings.finish(task, session, TaskStatus.COMPLETED, null, null);
  }
}
