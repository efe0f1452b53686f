package io.aiopslab.tasks.collector.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.collector.SimulatedRun;
import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.message.RunEventBody.Measured;
import io.aiopslab.tasks.message.RunEventBody.PhaseEntered;
import io.aiopslab.tasks.task.Phase;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.amqp.core.Message;

class RunBatchTest {
  private final Random random = new Random(7);
  private final SimulatedRun run =
      SimulatedRun.of(UUID.randomUUID(), UUID.randomUUID(), "kind-1", random);

  @Test
  void isTheSameInWhateverOrderEventsCome() {
    List<RunEvent> shuffled = new ArrayList<>(run.events());
    Collections.shuffle(shuffled, random);
    RunBatch batch = RunBatch.fold(shuffled);
    assertThat(batch).isEqualTo(RunBatch.fold(run.events()));
    assertThat(batch.logs()).hasSize((int) run.lines());
    assertThat(batch.briefings()).hasSize(1);
    assertThat(batch.steps()).hasSize(2 * run.turns());
    assertThat(batch.endings()).containsExactly(run.finished());
  }

  @Test
  void advancesEachRunOnceToItsLatestState() {
    assertThat(RunBatch.fold(run.events()).advances())
        .singleElement()
        .satisfies(
            advance -> {
              assertThat(advance.phase()).isEqualTo(Phase.GRADING);
              assertThat(advance.steps()).isEqualTo(run.turns());
              assertThat(advance.metrics()).containsEntry("turn", run.turns() - 1.0);
              assertThat(advance.lastEventAt()).isEqualTo(run.finished().at());
            });
  }

  @Test
  void takesTheLaterMetricAndPhaseBySeqNotByArrival() {
    RunBatch batch =
        RunBatch.fold(
            List.of(
                run.event(9, new Measured(Map.of("a", 2.0))),
                run.event(8, new Measured(Map.of("a", 1.0, "b", 1.0))),
                run.event(7, new PhaseEntered(Phase.CLEANUP)),
                run.event(3, new PhaseEntered(Phase.RUNNING))));
    assertThat(batch.advances())
        .singleElement()
        .satisfies(
            advance -> {
              assertThat(advance.metrics()).isEqualTo(Map.of("a", 2.0, "b", 1.0));
              assertThat(advance.phase()).isEqualTo(Phase.CLEANUP);
              assertThat(advance.phaseSeq()).isEqualTo(7);
            });
  }

  @Test
  void aTurnIsDoneWhenTheEnvironmentHasAnswered() {
    List<RunEvent> upToTheFirstAgentMessage = run.events().subList(0, 5);
    List<RunEvent> upToItsAnswer = run.events().subList(0, 6);
    assertThat(RunBatch.fold(upToTheFirstAgentMessage).advances().get(0).steps()).isZero();
    assertThat(RunBatch.fold(upToItsAnswer).advances().get(0).steps()).isEqualTo(1);
  }

  @Test
  void largeMessagesAreStoredAFewAtATime() {
    Message large = new Message(new byte[EventBatchListener.SLICE_BYTES / 2]);
    assertThat(EventBatchListener.slices(List.of(large, large, large, large, large)))
        .extracting(List::size)
        .containsExactly(2, 2, 1);
  }
}
