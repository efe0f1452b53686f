package io.aiopslab.tasks.worker.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.worker.run.ActiveRuns.Cancel;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ActiveRunsTest {
  private static final long NOT_AT_ALL = 0;

  private final ActiveRuns runs = new ActiveRuns();
  private final UUID session = UUID.randomUUID();
  private final RunEnd end = new RunEnd();

  @Test
  void aCancelEndsItsRunAndNoOther() throws Exception {
    RunEnd other = new RunEnd();
    runs.add(session, end);
    runs.add(UUID.randomUUID(), other);
    assertThat(runs.cancel(session)).isEqualTo(Cancel.ENDING);
    assertThat(runs.cancel(session)).isEqualTo(Cancel.TOO_LATE);
    assertThat(end.await(NOT_AT_ALL)).isEqualTo(EndCause.CANCELLED);
    assertThat(other.await(NOT_AT_ALL)).isEqualTo(EndCause.DEADLINE);
  }

  @Test
  void aCancelBetweenTheClaimAndTheRunIsNotLost() throws Exception {
    assertThat(runs.cancel(session)).isEqualTo(Cancel.NOT_HERE);
    runs.add(session, end);
    assertThat(end.await(NOT_AT_ALL)).isEqualTo(EndCause.CANCELLED);
  }

  @Test
  void whatBelongsToNobodyIsForgottenInTheEnd() throws Exception {
    runs.cancel(session);
    for (int i = 0; i < 1000; i++) {
      runs.cancel(UUID.randomUUID());
    }
    runs.add(session, end);
    assertThat(end.await(NOT_AT_ALL)).isEqualTo(EndCause.DEADLINE);
  }

  @Test
  void aCancelAfterTheLastWordChangesNothing() throws Exception {
    runs.add(session, end);
    end.decided();
    assertThat(runs.cancel(session)).isEqualTo(Cancel.TOO_LATE);
    assertThat(end.await(NOT_AT_ALL)).isEqualTo(EndCause.DEADLINE);
  }

  @Test
  void aRunThatIsOverIsNotHere() {
    runs.add(session, end);
    runs.remove(session);
    assertThat(runs.cancel(session)).isEqualTo(Cancel.NOT_HERE);
  }
}
