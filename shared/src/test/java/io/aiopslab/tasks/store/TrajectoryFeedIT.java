package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.store.TrajectoryFeed.Filter;
import io.aiopslab.tasks.store.TrajectoryFeed.Page;
import io.aiopslab.tasks.store.TrajectoryFeed.Place;
import io.aiopslab.tasks.task.Briefing;
import io.aiopslab.tasks.task.Step;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskResult;
import io.aiopslab.tasks.task.TaskStatus;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;
import tools.jackson.databind.JsonNode;

class TrajectoryFeedIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Instant THEN = Instant.parse("2026-11-23T08:00:00Z");

  private final Store store = new Store();

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void everyEndedTaskIsThereOnceHoweverItEnded() {
    UUID completed = store.completed().id();
    UUID cancelled = store.pending().id();
    store.cancels.cancelPending(cancelled, "stale");
    store.running();
    assertThat(append()).isEqualTo(2);
    assertThat(append()).isZero();
    assertThat(all()).containsExactly(new Place(1, completed), new Place(2, cancelled));
    assertThat(store.feed.last()).isEqualTo(2);
    assertThat(store.feed.position(cancelled)).isEqualTo(2);
  }

  @Test
  void whoIsNumberingIsLeftToItUntilItsPositionsCanBeSeen() throws SQLException {
    UUID first = store.completed().id();
    try (Connection rival = store.open()) {
      rival.setAutoCommit(false);
      number(rival);
      UUID second = store.completed().id();
      assertThat(append()).as("it waits for nobody").isZero();
      assertThat(store.feed.last()).as("nobody sees what is not committed").isZero();
      rival.commit();
      assertThat(append()).isEqualTo(1);
      assertThat(all()).containsExactly(new Place(1, first), new Place(2, second));
    }
  }

  @Test
  void whoDiesWhileItIsNumberingLeavesEverythingAsItWas() throws SQLException {
    UUID task = store.completed().id();
    try (Connection rival = store.open()) {
      rival.setAutoCommit(false);
      number(rival);
    }
    await("the server has seen that it is gone")
        .atMost(Duration.ofSeconds(20))
        .until(() -> append() == 1);
    assertThat(all()).containsExactly(new Place(1, task));
  }

  @Test
  void aRunIsHeldBackUntilWhatItSaidIsThereAndHoldsNobodyElseUp() {
    Task held = store.running();
    store.results.record(held.id(), Store.session(held), 9, THEN, result(), 2);
    store.endings.finish(held.id(), Store.session(held), TaskStatus.COMPLETED, null, null);
    UUID whole = store.completed().id();
    assertThat(append()).isEqualTo(1);
    step(held, 0, null);
    assertThat(append()).as("a briefing is missing").isZero();
    store.briefings.record(
        List.of(
            new RunBriefings.Entry(
                held.id(), new Briefing("d", "i", Json.mapper().createObjectNode()), THEN)));
    await("the next look").atMost(Duration.ofSeconds(20)).until(() -> append() == 1);
    assertThat(all()).containsExactly(new Place(1, whole), new Place(2, held.id()));
  }

  @Test
  void patienceHasItsEnd() {
    Task held = store.running();
    store.results.record(held.id(), Store.session(held), 9, THEN, result(), 1);
    store.endings.finish(held.id(), Store.session(held), TaskStatus.COMPLETED, null, null);
    assertThat(append()).isZero();
    assertThat(store.feed.append(500, Duration.ZERO)).isEqualTo(1);
  }

  /** Each look counts its messages; hundreds held back took a whole processor. */
  @Test
  void whatIsHeldBackIsLookedAtEverLessOften() {
    Task held = store.running();
    store.results.record(held.id(), Store.session(held), 9, THEN, result(), 1);
    store.endings.finish(held.id(), Store.session(held), TaskStatus.COMPLETED, null, null);
    List<Double> pauses = new ArrayList<>();
    for (int seconds : List.of(0, 2, 20)) {
      store
          .sql
          .sql(
              "UPDATE trajectory_queue SET look_at = '-infinity',"
                  + " ended_at = now() - make_interval(secs => ?)")
          .param(seconds)
          .update();
      assertThat(append()).isZero();
      pauses.add(
          store
              .sql
              .sql("SELECT extract(epoch FROM look_at - now()) FROM trajectory_queue")
              .query(Double.class)
              .single());
    }
    assertThat(pauses).isSorted();
    assertThat(pauses.get(0)).isLessThan(0.3);
    assertThat(pauses.get(2)).isBetween(0.5, 1.0);
    assertThat(append()).as("not looked at before that").isZero();
  }

  @Test
  void versionsThatAreNumbersAreComparedAsNumbers() {
    for (String version : List.of("\"41\"", "41", "41.0", "\"00041\"")) {
      feedOneOf(version);
    }
    assertThat(policyVersion("41")).hasSize(4);
    assertThat(policyVersion("5")).hasSize(4);
    assertThat(policyVersion("41.5")).isEmpty();
  }

  @Test
  void whatIsNoNumberHasNoVersionAndStopsNothing() {
    List<String> versions =
        List.of("\"v41\"", "null", "{}", "\"4\\u00001\"", "\"NaN\"", "1e999", "\"\"");
    versions.forEach(this::feedOneOf);
    assertThat(policyVersion("-1000")).isEmpty();
    assertThat(all()).hasSameSizeAs(versions);
  }

  @Test
  void whatWasSeenIsNeverRewritten() {
    store.completed();
    append();
    for (String sql :
        List.of(
            "UPDATE trajectory_feed SET position = 7",
            "DELETE FROM trajectory_feed",
            "TRUNCATE trajectory_feed",
            "DELETE FROM task_briefings")) {
      assertThatThrownBy(() -> store.sql.sql(sql).update()).isInstanceOf(DataAccessException.class);
    }
  }

  @Test
  void aGroupIsFoundWithoutReadingTheFeed() {
    for (int i = 0; i < 100; i++) {
      store.completed();
    }
    UUID group = UUID.randomUUID();
    UUID other = UUID.randomUUID();
    List<UUID> samples = completedSamples(group, 3);
    completedSamples(other, 2);
    assertThat(append()).isEqualTo(105);

    Filter filter = new Filter(TaskFilter.ofGroup(group), null);
    Page first = store.feed.scan(0, filter, 2, 1);
    assertThat(first).isEqualTo(new Page(places(101, samples.subList(0, 2)), 102, true));
    Page rest = store.feed.scan(first.next(), filter, 2, 1);
    assertThat(rest).isEqualTo(new Page(places(103, samples.subList(2, 3)), 105, false));
    assertThat(store.feed.scan(rest.next(), filter, 2, 1))
        .isEqualTo(new Page(List.of(), 105, false));
    assertThat(rowsReadOfFeed(group)).as("three samples, and the last position").isEqualTo(4);
  }

  private List<UUID> completedSamples(UUID group, int count) {
    new TaskGroups(store.sql).create(group, count, null);
    List<UUID> ids = Stream.generate(TaskSubmissions::nextId).limit(count).toList();
    store.submissions.submitSamples(group, ids, Store.spec(Store.BACKEND, 5), null, null);
    for (UUID id : ids) {
      UUID session = UUID.randomUUID();
      assertThat(store.claims.claim(Store.WORKER, Store.BACKEND, session)).isPresent();
      store.endings.finish(id, session, TaskStatus.COMPLETED, null, null);
    }
    return ids;
  }

  private static List<Place> places(long position, List<UUID> tasks) {
    return IntStream.range(0, tasks.size())
        .mapToObj(i -> new Place(position + i, tasks.get(i)))
        .toList();
  }

  private long rowsReadOfFeed(UUID group) {
    return store.rowsRead(
        "trajectory_feed",
        TrajectoryFeed.OF_GROUP.replace("{where}", "t.group_id = :groupId"),
        Map.of("groupId", group, "after", 0, "limit", 100));
  }

  private void feedOneOf(String version) {
    Task task = store.running();
    step(task, 0, "{\"policy_version\":" + version + "}");
    store.endings.finish(task.id(), Store.session(task), TaskStatus.COMPLETED, null, null);
    assertThat(append()).isEqualTo(1);
  }

  private List<Place> policyVersion(String least) {
    return store.feed.scan(0, new Filter(everything(), new BigDecimal(least)), 100, 1000).places();
  }

  private int append() {
    return store.feed.append(500, PATIENCE);
  }

  private List<Place> all() {
    Page page = store.feed.scan(0, new Filter(everything(), null), 100, 1000);
    assertThat(page.next()).isEqualTo(store.feed.last());
    return page.places();
  }

  private static TaskFilter everything() {
    return TaskFilter.created(null, null);
  }

  private static void number(Connection connection) throws SQLException {
    connection.createStatement().execute("SELECT feed_trajectories(500, interval '30s')");
  }

  private void step(Task task, int index, @Nullable String model) {
    JsonNode said = model == null ? null : Json.mapper().readTree(model);
    store.steps.append(
        List.of(
            new TaskSteps.Entry(
                task.id(),
                new Step(index, 0, "assistant", "a", null, null, null, null, said, THEN))));
  }

  private static TaskResult result() {
    return new TaskResult(null, null, null, Map.of(), Map.of(), null, null, "submitted", 1, 0);
  }
}
