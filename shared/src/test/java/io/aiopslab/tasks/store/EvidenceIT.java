package io.aiopslab.tasks.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.message.RunEventBody;
import io.aiopslab.tasks.store.Evidence.DeadLetter;
import io.aiopslab.tasks.task.LogLevel;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EvidenceIT {
  private static final Instant AT = Instant.parse("2026-11-23T10:00:00Z");

  private final Store store = new Store();

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void staleEventIsKeptOnceAndReadable() {
    RunEventBody.Logged.Line line =
        new RunEventBody.Logged.Line(AT, LogLevel.INFO, "\u0000 🚀", null);
    RunEvent event =
        new RunEvent(
            1,
            UUID.randomUUID(),
            UUID.randomUUID(),
            "kind-1",
            4,
            AT,
            new RunEventBody.Logged(0, List.of(line)));
    store.evidence.keepStale(event, "another session owns the task");
    store.evidence.keepStale(event, "again");

    assertThat(store.count("stale_reports")).isEqualTo(1);
    String body = store.sql.sql("SELECT body FROM stale_reports").query(String.class).single();
    assertThat(RunEvent.fromBytes(body.getBytes(UTF_8))).isEqualTo(event);
  }

  @Test
  void poisonIsKeptWholeAndRepeatsAreCounted() {
    byte[] bytes = {0, -1, 7, '{', -128};
    DeadLetter letter = new DeadLetter("events", "task.\u0000", "id \u0000", bytes);
    store.evidence.quarantine(letter, "not \u0000 JSON");
    store.evidence.quarantine(letter, "not JSON");
    store.evidence.quarantine(new DeadLetter("events", "task.x", null, bytes), "not JSON");

    assertThat(store.count("dead_letters")).isEqualTo(2);
    assertThat(
            store
                .sql
                .sql("SELECT body FROM dead_letters WHERE seen = 2 AND message_id LIKE 'id %'")
                .query(byte[].class)
                .single())
        .isEqualTo(bytes);
  }
}
