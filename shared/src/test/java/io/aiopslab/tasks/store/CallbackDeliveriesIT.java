package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.store.CallbackDeliveries.Attempted;
import io.aiopslab.tasks.task.CallbackAttempt;
import io.aiopslab.tasks.task.CallbackDelivery;
import io.aiopslab.tasks.task.CallbackError;
import io.aiopslab.tasks.task.CallbackState;
import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskSpec;
import io.aiopslab.tasks.task.TaskStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.dao.DataAccessException;

class CallbackDeliveriesIT {
  private static final String URL = "https://Trainer.example:8443/done?run=1";
  private static final Duration LEASE = Duration.ofMinutes(1);

  private final UUID claim = UUID.randomUUID();
  private Store store;

  @BeforeEach
  void open() {
    store = new Store();
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void isOwedFromTheMomentTheTaskEnds() {
    Task task = running(URL);
    assertThat(store.callbacks.find(task.id())).isEmpty();
    assertThat(store.callbacks.redeliver(task.id())).isFalse();
    store.endings.finish(task.id(), Store.session(task), TaskStatus.COMPLETED, null, null);
    CallbackDelivery owed = store.callbacks.find(task.id()).orElseThrow();
    assertThat(owed.state()).isEqualTo(CallbackState.PENDING);
    assertThat(owed.webhookId()).isEqualTo("msg_" + task.id().toString().replace("-", ""));
    assertThat(owed.host()).isEqualTo("trainer.example:8443");
    assertThat(owed.url()).isEqualTo(URL);
    assertThat(owed.nextAttemptAt()).isNotNull();
    assertThat(owed.lastAttempt()).isNull();
    assertThat(store.callbacks.pending()).isEqualTo(1);
  }

  @Test
  void isOwedWhoeverEndsTheTask() {
    Task pending = submit(URL);
    cancel(pending);
    Task failed = running(URL);
    store.endings.finish(
        failed.id(), Store.session(failed), TaskStatus.FAILED, FailureCode.AGENT_ERROR, "why");
    Task overdue = running(URL);
    store.age("tasks", "deadline_at", overdue.id(), "1 hour");
    assertThat(store.endings.failOverdue(Duration.ZERO)).containsExactly(overdue.id());
    assertThat(store.callbacks.pending()).isEqualTo(3);
  }

  @Test
  void isNotOwedWhereNobodyAskedForIt() {
    store.completed();
    assertThat(store.count("callback_deliveries")).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "http://a.example, a.example",
    "HTTP://A.example/x:y, a.example",
    "http://[::1]:80?x, [::1]:80",
    "nonsense, ''",
  })
  void neverKeepsATaskFromEnding(String url, String host) {
    Task task = submit(url);
    cancel(task);
    assertThat(store.callbacks.find(task.id()).orElseThrow().host()).isEqualTo(host);
  }

  @Test
  void isClaimedByOneUntilItsLeaseEnds() {
    Task task = ended();
    assertThat(store.callbacks.claim(claim, LEASE, List.of("trainer.example:8443"))).isEmpty();
    assertThat(store.callbacks.claim(claim, LEASE, List.of())).isPresent();
    assertThat(store.callbacks.claim(UUID.randomUUID(), LEASE, List.of())).isEmpty();
    expireLease(task);
    assertThat(store.callbacks.claim(UUID.randomUUID(), LEASE, List.of())).isPresent();
    store.callbacks.giveBack(task.id(), claim);
    assertThat(store.callbacks.claim(UUID.randomUUID(), LEASE, List.of())).isEmpty();
  }

  @Test
  void isDueAtOnceWhenGivenBack() {
    Task task = ended();
    assertThat(store.callbacks.claim(claim, LEASE, List.of())).isPresent();
    store.callbacks.giveBack(task.id(), claim);
    assertThat(store.callbacks.claim(UUID.randomUUID(), LEASE, List.of())).isPresent();
  }

  @Test
  void whatIsDueForHostsLeftAloneIsNotRead() {
    for (int i = 0; i < 60; i++) {
      cancel(submit("http://dead.example/" + i));
    }
    Task alive = submit("http://alive.example/");
    cancel(alive);
    Map<String, ?> parameters = Map.of("exceptHosts", new String[] {"dead.example"});
    assertThat(store.rowsRead("callback_deliveries", CallbackDeliveries.DUE_ELSEWHERE, parameters))
        .as("one or two look-ups a host, and what is due for the living")
        .isLessThan(10);
    assertThat(store.callbacks.claim(claim, LEASE, List.of("dead.example")).orElseThrow().taskId())
        .isEqualTo(alive.id());
    assertThat(store.callbacks.claim(claim, LEASE, List.of("dead.example"))).isEmpty();
    assertThat(store.callbacks.claim(claim, LEASE, List.of("other.example"))).isPresent();
  }

  @Test
  void keepsEveryAttempt() {
    Task task = ended();
    store.callbacks.claim(claim, LEASE, List.of());
    store.callbacks.record(task.id(), claim, failure(Duration.ZERO));
    store.callbacks.claim(claim, LEASE, List.of());
    store.callbacks.record(task.id(), claim, success());
    CallbackDelivery delivered = store.callbacks.find(task.id()).orElseThrow();
    assertThat(delivered.state()).isEqualTo(CallbackState.DELIVERED);
    assertThat(delivered.attempts()).isEqualTo(2);
    assertThat(delivered.failures()).isEqualTo(1);
    assertThat(delivered.nextAttemptAt()).isNull();
    List<CallbackAttempt> attempts = store.callbackAttempts.newest(task.id(), 10);
    assertThat(attempts).extracting(CallbackAttempt::number).containsExactly(1, 2);
    assertThat(attempts.get(0).errorKind()).isEqualTo(CallbackError.STATUS);
    assertThat(attempts.get(0).status()).isEqualTo(500);
    assertThat(attempts.get(0).durationMs()).isEqualTo(1500);
    assertThat(attempts.get(1)).isEqualTo(delivered.lastAttempt());
    assertThat(store.callbackAttempts.newest(task.id(), 1)).containsExactly(attempts.get(1));
  }

  @Test
  void aLateRecordIsKeptAndMovesNothing() {
    Task task = ended();
    store.callbacks.claim(claim, LEASE, List.of());
    expireLease(task);
    UUID successor = UUID.randomUUID();
    store.callbacks.claim(successor, LEASE, List.of());
    store.callbacks.record(task.id(), claim, success());
    CallbackDelivery delivery = store.callbacks.find(task.id()).orElseThrow();
    assertThat(delivery.state()).isEqualTo(CallbackState.PENDING);
    assertThat(delivery.attempts()).isEqualTo(1);
    store.callbacks.record(task.id(), successor, success());
    assertThat(store.callbacks.find(task.id()).orElseThrow().state())
        .isEqualTo(CallbackState.DELIVERED);
    assertThat(store.callbackAttempts.newest(task.id(), 10)).hasSize(2);
  }

  @Test
  void isDueAgainAfterRedeliver() {
    Task task = ended();
    store.callbacks.claim(claim, LEASE, List.of());
    assertThat(store.callbacks.redeliver(task.id())).isTrue();
    UUID again = UUID.randomUUID();
    assertThat(store.callbacks.claim(again, LEASE, List.of())).isPresent();
    store.callbacks.record(task.id(), again, success());
    assertThat(store.callbacks.redeliver(task.id())).isTrue();
    assertThat(store.callbacks.find(task.id()).orElseThrow().state())
        .isEqualTo(CallbackState.PENDING);
  }

  @Test
  void nothingIsForgottenOrRewritten() {
    Task task = ended();
    store.callbacks.claim(claim, LEASE, List.of());
    store.callbacks.record(task.id(), claim, success());
    assertRefused("DELETE FROM callback_deliveries");
    assertRefused("DELETE FROM callback_attempts");
    assertRefused("UPDATE callback_attempts SET number = 7");
  }

  private void assertRefused(String sql) {
    assertThatThrownBy(() -> store.sql.sql(sql).update()).isInstanceOf(DataAccessException.class);
  }

  private static Attempted failure(Duration nextIn) {
    return new Attempted(
        Duration.ofMillis(1500),
        500,
        CallbackError.STATUS,
        "It answered 500.",
        CallbackState.PENDING,
        nextIn);
  }

  private static Attempted success() {
    return new Attempted(Duration.ofMillis(3), 204, null, null, CallbackState.DELIVERED, null);
  }

  private void expireLease(Task task) {
    store
        .sql
        .sql("UPDATE callback_deliveries SET next_attempt_at = now() WHERE task_id = ?")
        .param(task.id())
        .update();
  }

  private Task ended() {
    Task task = submit(URL);
    cancel(task);
    return task;
  }

  private Task running(String url) {
    submit(url);
    return store.claims.claim(Store.WORKER, Store.BACKEND, UUID.randomUUID()).orElseThrow();
  }

  private Task submit(String url) {
    var none = Json.mapper().createObjectNode();
    return store.submissions.submit(new TaskSpec("p", Store.BACKEND, 5, 30, 30, none, none, url));
  }

  private void cancel(Task task) {
    store
        .sql
        .sql(
            "UPDATE tasks SET status = 'cancelled', completed_at = now(), changed_by = 'test'"
                + " WHERE id = ?")
        .param(task.id())
        .update();
  }
}
