package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.task.RegisteredWorker;
import io.aiopslab.tasks.task.Worker;
import io.aiopslab.tasks.task.WorkerStatus;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WorkersIT {
  private final Store store = new Store();
  private final Worker worker = Store.worker("kind-1");

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void registeredWorkerIsIdleUntilItSaysWhatItRuns() {
    store.workers.register(worker);
    assertThat(status()).isEqualTo("idle");

    assertThat(store.workers.beat(List.of(pulse(worker, UUID.randomUUID())))).isEmpty();
    assertThat(status()).isEqualTo("busy");

    assertThat(store.workers.beat(List.of(pulse(worker, null)))).isEmpty();
    assertThat(status()).isEqualTo("idle");
  }

  @Test
  void heartbeatIsByTheDatabaseClock() {
    store.workers.register(worker);
    store.age("workers", "last_heartbeat_at", "kind-1", "1 hour");
    store.workers.beat(List.of(pulse(worker, null)));
    assertThat(is("last_heartbeat_at > now() - interval '1 minute'")).isTrue();
  }

  @Test
  void formerLifeLearnsThatItIsOver() {
    store.workers.register(worker);
    Worker other = Store.worker("kind-2");
    store.workers.register(other);
    Worker reborn = Store.worker("kind-1");
    store.workers.register(reborn);

    assertThat(store.workers.beat(List.of(pulse(other, null), pulse(worker, null))))
        .containsExactly("kind-1");
    store.workers.signOff("kind-1", worker.incarnation());
    assertThat(status()).isEqualTo("idle");
  }

  @Test
  void repeatedRegistrationIsNoNewLife() {
    store.workers.register(worker);
    store.age("workers", "registered_at", "kind-1", "1 hour");
    store.workers.register(worker);
    assertThat(is("registered_at < now() - interval '1 minute'")).isTrue();
    store.workers.register(Store.worker("kind-1"));
    assertThat(is("registered_at > now() - interval '1 minute'")).isTrue();
  }

  @Test
  void signedOffWorkerIsOfflineAtOnce() {
    store.workers.register(worker);
    store.workers.signOff("kind-1", worker.incarnation());
    assertThat(status()).isEqualTo("offline");
  }

  @Test
  void aSilentWorkerIsOfflineWhateverItSaidLast() {
    Duration silence = Duration.ofSeconds(45);
    UUID task = UUID.randomUUID();
    store.workers.register(worker);
    store.workers.beat(List.of(pulse(worker, task)));
    store.age("workers", "last_heartbeat_at", "kind-1", "40 seconds");
    assertThat(store.workers.find("kind-1", silence).orElseThrow().status())
        .isEqualTo(WorkerStatus.BUSY);

    store.age("workers", "last_heartbeat_at", "kind-1", "46 seconds");
    RegisteredWorker silent = store.workers.find("kind-1", silence).orElseThrow();
    assertThat(silent.status()).isEqualTo(WorkerStatus.OFFLINE);
    assertThat(silent.currentTaskId()).isEqualTo(task);
    assertThat(listed(WorkerStatus.BUSY, silence)).isEmpty();
    assertThat(listed(WorkerStatus.OFFLINE, silence)).containsExactly(silent);
    assertThat(status()).isEqualTo("busy");
  }

  private List<RegisteredWorker> listed(WorkerStatus status, Duration silence) {
    return store.workers.list(new Workers.Filter(status, null, null, silence), null, 10).rows();
  }

  private static Worker.Pulse pulse(Worker worker, @Nullable UUID task) {
    return new Worker.Pulse(worker.id(), worker.incarnation(), task, null);
  }

  private String status() {
    return store
        .sql
        .sql("SELECT status FROM workers WHERE id = 'kind-1'")
        .query(String.class)
        .single();
  }

  private boolean is(String condition) {
    return store
        .sql
        .sql("SELECT " + condition + " FROM workers WHERE id = 'kind-1'")
        .query(Boolean.class)
        .single();
  }
}
