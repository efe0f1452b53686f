package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.message.Ticket;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TicketsIT {
  private final Store store = new Store();

  @AfterEach
  void close() {
    store.close();
  }

  private UUID submit(String backendType, int priority) {
    return store.submissions.submit(Store.spec(backendType, priority)).id();
  }

  @Test
  void ticketsComeInTheOrderOfTheClaims() {
    UUID second = submit("a", 5);
    UUID third = submit("a", 5);
    UUID first = submit("a", 9);
    submit("b", 10);
    assertThat(store.tickets.oldest("a", 10))
        .containsExactly(
            Ticket.of(first, "a", null), Ticket.of(second, "a", null), Ticket.of(third, "a", null));
    assertThat(store.tickets.oldest("a", 1)).containsExactly(Ticket.of(first, "a", null));
  }

  @Test
  void onlyWhatWaitsHasTickets() {
    store.running();
    store.completed();
    assertThat(store.tickets.oldest(Store.BACKEND, 10)).isEmpty();
    assertThat(store.tickets.backendsThatWait(10)).isEmpty();
  }

  @Test
  void backendsThatWaitAreFoundWithoutReadingAllThatWaits() {
    Stream.generate(() -> "a").limit(500).forEach(backend -> submit(backend, 5));
    Stream.generate(() -> "b").limit(500).forEach(backend -> submit(backend, 5));
    submit("c", 5);
    store.sql.sql("ANALYZE tasks").update();
    assertThat(store.tickets.backendsThatWait(10)).isEqualTo(List.of("a", "b", "c"));
    assertThat(store.tickets.backendsThatWait(2)).isEqualTo(List.of("a", "b"));
    assertThat(store.rowsRead("tasks", Tickets.BACKENDS_THAT_WAIT, Map.of("most", 10)))
        .isLessThan(10);
  }
}
