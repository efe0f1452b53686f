package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskSpec;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.task.Worker;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class TaskClaimsIT {
  private static final String WAITING_FOR_A_LOCK =
      "pg_stat_activity" + " WHERE datname = current_database() AND wait_event_type = 'Lock'";

  private static final long DAY_MILLIS = 86_400_000;
  private static final int THREADS = 8;
  private static final int TASKS = 500;

  private final Store store = new Store();

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void highestPriorityFirstThenOldest() {
    List<UUID> low = submit(3, 3);
    List<UUID> high = submit(9, 9);
    List<UUID> middle = submit(5, 5);

    List<UUID> claimed = new ArrayList<>();
    for (Optional<Task> next = claim(); next.isPresent(); next = claim()) {
      claimed.add(next.get().id());
    }
    List<UUID> expected = new ArrayList<>(high);
    expected.addAll(middle);
    expected.addAll(low);
    assertThat(claimed).isEqualTo(expected);
  }

  /** One host's clock is a day ahead, the other's a day behind. */
  @Test
  void firstComeFirstServedWhateverTheHostsClocksSay() {
    long now = TaskSubmissions.nextId().getMostSignificantBits();
    UUID first = new UUID(now + (DAY_MILLIS << 16), 1L << 63);
    UUID second = new UUID(now - (DAY_MILLIS << 16), 1L << 63);
    List<Task> both =
        Stream.of(first, second)
            .map(id -> store.submissions.submit(id, Store.spec(Store.BACKEND, 5), null))
            .toList();
    store.sql.sql("UPDATE tasks SET turn = 0").update();
    assertThat(both.stream().map(task -> new Sessions(store.sql).ahead(task, 10)))
        .containsExactly(0, 1);
    assertThat(claim()).map(Task::id).contains(first);
    assertThat(claim()).map(Task::id).contains(second);
  }

  /** What waited before there were turns has one and the same. */
  @Test
  void theOldestIsFoundWithoutReadingAllThatWaits() {
    submit(5, 2000);
    store.sql.sql("UPDATE tasks SET turn = 0").update();
    store.sql.sql("ANALYZE tasks").update();
    Map<String, Object> load =
        Map.of("backendType", Store.BACKEND, "silence", 60.0, "mostPending", 10);
    assertThat(store.rowsRead("tasks", BackendLoads.LOAD, load)).isLessThan(100);
  }

  @Test
  void taskRunsInTheSessionWithADeadline() {
    store.pending();
    UUID session = UUID.randomUUID();
    Task task = store.claims.claim("kind-7", Store.BACKEND, session).orElseThrow();

    assertThat(task.status()).isEqualTo(TaskStatus.RUNNING);
    Task.Run run = Objects.requireNonNull(task.run());
    assertThat(run.sessionId()).isEqualTo(session);
    assertThat(run.workerId()).isEqualTo("kind-7");
    assertThat(Duration.between(run.startedAt(), run.deadlineAt()))
        .isEqualTo(Duration.ofMinutes(30));
    assertThat(store.claims.claimedBy(session)).contains(task);
    assertThat(store.claims.claimedBy(UUID.randomUUID())).isEmpty();
    Map<UUID, RunSessions.Run> owners = store.sessions.of(List.of(task.id(), UUID.randomUUID()));
    assertThat(owners).containsOnlyKeys(task.id());
    RunSessions.Run owner = Objects.requireNonNull(owners.get(task.id()));
    assertThat(owner.sessionId()).isEqualTo(session);
    assertThat(owner.backendType()).isEqualTo(Store.BACKEND);
    assertThat(owner.age()).isBetween(Duration.ZERO, Duration.ofMinutes(1));
  }

  @Test
  void otherBackendsAreLeftAlone() {
    store.submissions.submit(Store.spec("gpu", 10));
    assertThat(claim()).isEmpty();
    assertThat(store.claims.claim("kind-1", "gpu", UUID.randomUUID())).isPresent();
  }

  /** What is submitted later to an empty queue is next, not behind all that waits. */
  @Test
  void queuesShareInTurnWithinAPriority() {
    Map<UUID, String> names = new HashMap<>();
    queued("ana", 6).forEach(id -> names.put(id, "a"));
    queued("ben", 3).forEach(id -> names.put(id, "b"));
    queued(null, 2).forEach(id -> names.put(id, "-"));
    UUID urgent = submitted("p-1", 9);
    assertThat(claimBy("anybody")).contains(urgent);
    StringBuilder order = new StringBuilder();
    for (int i = 0; i < 9; i++) {
      order.append(claimed(names));
    }
    assertThat(order).hasToString("ab-ab-aba");
    queued("cid", 2).forEach(id -> names.put(id, "c"));
    order.setLength(0);
    for (int i = 0; i < 4; i++) {
      order.append(claimed(names));
    }
    assertThat(order).hasToString("caca");
  }

  /** Also where the one has a backlog and the other comes with one task after the other. */
  @Test
  void nobodyWhoComesAgainAndAgainKeepsOthersWaiting() {
    Map<UUID, String> names = new HashMap<>();
    queued("backlog", 10).forEach(id -> names.put(id, "a"));
    StringBuilder order = new StringBuilder(claimed(names));
    for (int i = 0; i < 4; i++) {
      queued("again", 1).forEach(id -> names.put(id, "b"));
      order.append(claimed(names)).append(claimed(names));
    }
    assertThat(order).hasToString("abababab" + "a");
  }

  /** It waits at the head of the line for ever, and nobody gets turns that have gone by. */
  @Test
  void whatNobodyCanPlayGivesNobodyAnAdvantage() {
    register("picky", "p-1");
    submitted("p-2", 5);
    Map<UUID, String> names = new HashMap<>();
    queued("ana", 10).forEach(id -> names.put(id, "a"));
    StringBuilder order = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      order.append(claimed(names, "picky"));
    }
    queued("ben", 4).forEach(id -> names.put(id, "b"));
    for (int i = 0; i < 8; i++) {
      order.append(claimed(names, "picky"));
    }
    assertThat(order).hasToString("aaaa" + "babababa");
  }

  @Test
  void howManyQueuesThereAreDoesNotMatter() {
    store.submissions.submitAll(
        IntStream.range(0, 2000).mapToObj(i -> TaskSubmissions.nextId()).toList(),
        IntStream.range(0, 2000).mapToObj(i -> spec("p-1", 5, "q-" + i % 200)).toList(),
        null);
    Map<String, Object> claim =
        Map.of(
            "workerId",
            "anybody",
            "backendType",
            Store.BACKEND,
            "sessionId",
            UUID.randomUUID(),
            "steppable",
            true);
    assertThat(store.rowsRead("tasks", TaskClaims.CLAIM, claim)).isLessThan(10);
    String next = "SELECT " + Turns.next("'default'", "5::smallint", "'q-7'");
    assertThat(store.rowsRead("tasks", next, Map.of())).isLessThan(10);
    assertThat(store.sql.sql(next).query(Long.class).single()).isEqualTo(10);
  }

  private List<UUID> queued(@Nullable String queue, int howMany) {
    return store
        .submissions
        .submitAll(
            IntStream.range(0, howMany).mapToObj(i -> TaskSubmissions.nextId()).toList(),
            IntStream.range(0, howMany).mapToObj(i -> spec("p-1", 5, queue)).toList(),
            null)
        .stream()
        .map(Task::id)
        .toList();
  }

  private String claimed(Map<UUID, String> names) {
    return claimed(names, "anybody");
  }

  private String claimed(Map<UUID, String> names, String worker) {
    return claimBy(worker).map(names::get).orElse("none");
  }

  @Test
  void aWorkerWinsNothingButWhatItNames() {
    UUID urgent = submitted("p-2", 9);
    UUID other = submitted("p-1", 5);
    register("picky", "p-1", "p-3");
    assertThat(claimBy("picky")).contains(other);
    assertThat(claimBy("picky")).isEmpty();
    register("takes-all");
    assertThat(claimBy("takes-all")).contains(urgent);
    UUID last = submitted("p-2", 0);
    assertThat(claimBy("never-registered")).contains(last);
  }

  /** However many there are that it cannot play. */
  @Test
  void whatCannotBePlayedIsNotWalkedPast() {
    store.submissions.submitAll(
        IntStream.range(0, 1000).mapToObj(i -> TaskSubmissions.nextId()).toList(),
        IntStream.range(0, 1000).mapToObj(i -> spec("p-2", 5)).toList(),
        null);
    register("picky", "p-1", "p-3");
    Map<String, Object> claim =
        Map.of(
            "workerId",
            "picky",
            "backendType",
            Store.BACKEND,
            "sessionId",
            UUID.randomUUID(),
            "steppable",
            true);
    assertThat(store.rowsRead("tasks", TaskClaims.CLAIM, claim)).isLessThan(10);
    assertThat(claimBy("picky")).isEmpty();
    UUID task = submitted("p-3", 5);
    assertThat(claimBy("picky")).contains(task);
  }

  private void register(String worker, String... problems) {
    ObjectNode capabilities = Json.mapper().createObjectNode();
    ArrayNode named = capabilities.putArray("supported_problems");
    for (String problem : problems) {
      named.add(problem);
    }
    store.workers.register(
        new Worker(
            worker,
            Store.BACKEND,
            UUID.randomUUID(),
            capabilities,
            Json.mapper().createObjectNode()));
  }

  private Optional<UUID> claimBy(String worker) {
    return store.claims.claim(worker, Store.BACKEND, UUID.randomUUID()).map(Task::id);
  }

  private UUID submitted(String problem, int priority) {
    return store.submissions.submit(spec(problem, priority)).id();
  }

  private static TaskSpec spec(String problem, int priority) {
    return spec(problem, priority, null);
  }

  private static TaskSpec spec(String problem, int priority, @Nullable String queue) {
    ObjectNode none = Json.mapper().createObjectNode();
    return new TaskSpec(problem, Store.BACKEND, priority, 30, 30, none, none, null, queue);
  }

  @Test
  void everyTaskGoesToExactlyOneOfManyClaimers() throws Exception {
    Set<UUID> submitted = new HashSet<>(submit(0, TASKS));
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      Callable<List<UUID>> claimer = this::claimAll;
      List<UUID> claimed = new ArrayList<>();
      for (Future<List<UUID>> each :
          threads.invokeAll(IntStream.range(0, THREADS).mapToObj(i -> claimer).toList())) {
        claimed.addAll(each.get());
      }
      assertThat(claimed).doesNotHaveDuplicates();
      assertThat(new HashSet<>(claimed)).isEqualTo(submitted);
    } finally {
      threads.shutdownNow();
    }
  }

  /** The first pause of a backend makes its row, which a claim under way cannot see. */
  @Test
  void noClaimUnderWayMissesAPause() throws Exception {
    store.pending();
    store.workers.register(Store.worker(Store.WORKER));
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (Connection holder = store.open();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("SELECT FROM workers FOR UPDATE");
      Future<Optional<Task>> claim = threads.submit(this::claim);
      awaitDoneOrWaiting(claim, 1);
      Future<?> pause = threads.submit(() -> store.backends.pause(Store.BACKEND, null));
      awaitDoneOrWaiting(pause, 2);
      boolean pausedFirst = pause.isDone();
      holder.commit();
      pause.get();
      assertThat(claim.get().isPresent())
          .as("a claim that wins has won before the pause was answered")
          .isEqualTo(!pausedFirst);
      store.pending();
      assertThat(claim()).isEmpty();
    } finally {
      threads.shutdownNow();
    }
  }

  private void awaitDoneOrWaiting(Future<?> one, int waiting) {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> one.isDone() || store.count(WAITING_FOR_A_LOCK) == waiting);
  }

  private List<UUID> claimAll() {
    List<UUID> mine = new ArrayList<>();
    for (Optional<Task> next = claim(); next.isPresent(); next = claim()) {
      mine.add(next.get().id());
    }
    return mine;
  }

  private Optional<Task> claim() {
    return store.claims.claim(Store.WORKER, Store.BACKEND, UUID.randomUUID());
  }

  private List<UUID> submit(int priority, int howMany) {
    return IntStream.range(0, howMany)
        .mapToObj(i -> store.submissions.submit(Store.spec(Store.BACKEND, priority)).id())
        .toList();
  }
}
