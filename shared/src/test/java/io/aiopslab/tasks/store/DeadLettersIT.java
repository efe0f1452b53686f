package io.aiopslab.tasks.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.store.DeadLetterRequeues.Order;
import io.aiopslab.tasks.store.DeadLetters.Filter;
import io.aiopslab.tasks.store.DeadLetters.Letter;
import io.aiopslab.tasks.store.Evidence.DeadLetter;
import io.aiopslab.tasks.task.DeadLetterState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeadLettersIT {
  private static final Filter ALL = new Filter(null, null, null);
  private static final Duration LEASE = Duration.ofMinutes(1);

  private final Store store = new Store();

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void aLetterGoesFromKeptToAskedToRequeuedAndMayReturn() {
    String id = keep("task.log.x", "m-1", "{", "no event");
    assertThat(letter(id).state()).isEqualTo(DeadLetterState.KEPT);
    assertThat(letter(id).requeues()).isZero();

    assertThat(store.requeues.ask(id, "ana", false)).isTrue();
    assertThat(store.requeues.ask(id, "ben", true)).as("is asked for already").isFalse();
    assertThat(letter(id).state()).isEqualTo(DeadLetterState.ASKED);
    assertThat(letter(id).askedBy()).isEqualTo("ana");

    Order order = store.requeues.take(LEASE).orElseThrow();
    assertThat(new String(order.body(), UTF_8)).isEqualTo("{");
    assertThat(order.routingKey() + " " + order.messageId()).isEqualTo("task.log.x m-1");
    assertThat(store.requeues.take(LEASE)).as("another relay has it").isEmpty();
    assertThat(store.requeues.take(Duration.ZERO)).as("its relay is late").isPresent();
    store.requeues.markSent(order);
    assertThat(store.requeues.take(Duration.ZERO)).isEmpty();
    assertThat(letter(id).state()).isEqualTo(DeadLetterState.REQUEUED);
    assertThat(letter(id).sentAt()).isNotNull();

    assertThat(store.requeues.ask(id, "ben", false)).as("it has not come back").isFalse();
    keep("task.log.x", "m-1", "{", "no event");
    assertThat(letter(id).state()).isEqualTo(DeadLetterState.RETURNED);
    assertThat(letter(id).seen()).isEqualTo(2);
    assertThat(store.requeues.ask(id, null, false)).isTrue();
    assertThat(letter(id).requeues()).isEqualTo(2);
    assertThat(store.count("dead_letters")).isEqualTo(1);
  }

  @Test
  void oneThatWentAstrayIsSentOnceMoreWhenThatIsSaid() {
    String id = keep("task.log.x", null, "{", "no event");
    assertThat(store.requeues.ask(id, null, false)).isTrue();
    store.requeues.markSent(store.requeues.take(LEASE).orElseThrow());
    assertThat(store.requeues.ask(id, null, true)).isTrue();
    assertThat(letter(id).requeues()).isEqualTo(2);
  }

  @Test
  void whatIsNotKeptToTheLetterOrCameAnotherWayIsNotSent() {
    for (String id :
        List.of(
            keep("task.\u0000", "m", "{", "r"),
            keep("task.x", "m\u0000", "{", "r"),
            keep("task.x", "", "{", "r"),
            keep("tasks.x", "m", "{", "r"),
            keep("events.collector.0", "m", "{", "r"))) {
      assertThat(letter(id).fit()).isFalse();
      assertThat(store.requeues.ask(id, null, true)).isFalse();
    }
    assertThat(store.requeues.ask(ALL, null, 100)).isZero();
    assertThat(letter(keep("task", "m", "{", "r")).fit()).isTrue();
  }

  @Test
  void pagesWalkThroughAllOnce() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      ids.add(0, keep("task.log.x", "m-" + i, "{" + i, "no event"));
    }
    store.sql.sql("UPDATE dead_letters SET first_at = now()").update();
    List<String> seen = new ArrayList<>();
    @Nullable String after = null;
    for (List<Letter> page = store.letters.list(ALL, after, 3);
        !page.isEmpty();
        page = store.letters.list(ALL, after, 3)) {
      page.forEach(letter -> seen.add(letter.id()));
      after = seen.get(seen.size() - 1);
    }
    assertThat(seen).hasSize(7).containsExactlyInAnyOrderElementsOf(ids);
  }

  @Test
  void filtersMeanStateReasonAndTime() {
    String old = keep("task.log.x", "old", "{", "version 2 of a run event");
    String dayBefore = "now() - interval '1 day'";
    store
        .sql
        .sql("UPDATE dead_letters SET first_at = %s, last_at = %1$s".formatted(dayBefore))
        .update();
    String fresh = keep("task.log.x", "new", "{", "version 2 of a run event");
    String other = keep("task.log.x", "other", "{", "no event");
    Instant noon = Instant.now().minus(Duration.ofHours(1));

    assertThat(ids(new Filter(null, "version 2", null))).containsExactlyInAnyOrder(old, fresh);
    assertThat(ids(new Filter(null, null, noon))).containsExactlyInAnyOrder(fresh, other);
    assertThat(ids(new Filter(null, "%", null))).isEmpty();
    assertThat(store.requeues.ask(new Filter(null, "version 2", noon), "ana", 100)).isEqualTo(1);
    assertThat(ids(new Filter(DeadLetterState.ASKED, null, null))).containsExactly(fresh);
    assertThat(store.requeues.ask(ALL, null, 1)).isEqualTo(1);
    assertThat(ids(new Filter(DeadLetterState.ASKED, null, null)))
        .as("oldest first")
        .containsExactlyInAnyOrder(fresh, old);
  }

  @Test
  void aPreviewIsOneHarmlessLine() {
    String id = keep("task.log.x", "m", "a\u001b[31m\n\u202e\u0000é" + "x".repeat(5000), "r");
    Letter letter = letter(id);
    assertThat(letter.preview()).startsWith("a?[31m???é").hasSizeLessThan(601);
    assertThat(letter.bytes()).isGreaterThan(5000);
  }

  private List<String> ids(Filter filter) {
    return store.letters.list(filter, null, 100).stream().map(Letter::id).toList();
  }

  private Letter letter(String id) {
    return store.letters.find(id).orElseThrow();
  }

  /** Returns the id of the letter. */
  private String keep(String routingKey, @Nullable String messageId, String body, String reason) {
    List<String> before = ids(ALL);
    store.evidence.quarantine(
        new DeadLetter("events.collector.0", routingKey, messageId, body.getBytes(UTF_8)), reason);
    return ids(ALL).stream().filter(id -> !before.contains(id)).findFirst().orElse("known");
  }
}
