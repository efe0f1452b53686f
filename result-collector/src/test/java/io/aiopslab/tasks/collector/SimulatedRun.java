package io.aiopslab.tasks.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.message.RunEventBody;
import io.aiopslab.tasks.message.RunEventBody.AiopslabResult;
import io.aiopslab.tasks.message.RunEventBody.Briefed;
import io.aiopslab.tasks.message.RunEventBody.Finished;
import io.aiopslab.tasks.message.RunEventBody.Logged;
import io.aiopslab.tasks.message.RunEventBody.Measured;
import io.aiopslab.tasks.message.RunEventBody.PhaseEntered;
import io.aiopslab.tasks.message.RunEventBody.Started;
import io.aiopslab.tasks.message.RunEventBody.StepTaken;
import io.aiopslab.tasks.store.AiopslabResults;
import io.aiopslab.tasks.store.RunProgress;
import io.aiopslab.tasks.store.TaskClaims;
import io.aiopslab.tasks.store.TaskLogs;
import io.aiopslab.tasks.store.TaskQueries;
import io.aiopslab.tasks.store.TaskResults;
import io.aiopslab.tasks.store.TaskSteps;
import io.aiopslab.tasks.store.TaskSubmissions;
import io.aiopslab.tasks.task.Briefing;
import io.aiopslab.tasks.task.LogLevel;
import io.aiopslab.tasks.task.Phase;
import io.aiopslab.tasks.task.Step;
import io.aiopslab.tasks.task.TaskResult;
import io.aiopslab.tasks.task.TaskSpec;
import io.aiopslab.tasks.task.TaskStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A claimed task and every event of its run. */
public record SimulatedRun(
    UUID taskId, UUID sessionId, String workerId, int turns, long lines, List<RunEvent> events) {

  /** Submits a task, claims it for {@code workerId}, and writes down what its run would say. */
  public static SimulatedRun claim(RunningCollector collector, String workerId, Random random) {
    return claim(collector, workerId, random, null);
  }

  /** Likewise, with a callback. */
  public static SimulatedRun claim(
      RunningCollector collector, String workerId, Random random, @Nullable String callbackUrl) {
    TaskSpec spec =
        new TaskSpec(
            "noop_detection_hotel_reservation-1",
            workerId,
            5,
            30,
            30,
            Json.mapper().createObjectNode(),
            Json.mapper().createObjectNode(),
            callbackUrl);
    UUID task = collector.get(TaskSubmissions.class).submit(spec).id();
    UUID session = UUID.randomUUID();
    assertThat(collector.get(TaskClaims.class).claim(workerId, workerId, session))
        .map(claimed -> claimed.id())
        .contains(task);
    return of(task, session, workerId, random);
  }

  public static SimulatedRun of(UUID task, UUID session, String workerId, Random random) {
    int turns = 1 + random.nextInt(5);
    List<RunEventBody> bodies = new ArrayList<>();
    bodies.add(new Started());
    bodies.add(new PhaseEntered(Phase.RUNNING));
    bodies.add(new Briefed(new Briefing("d", "i", Json.mapper().createObjectNode())));
    long lines = 0;
    for (int turn = 0; turn < turns; turn++) {
      Logged logged = lines(lines, 1 + random.nextInt(40));
      lines += logged.lines().size();
      bodies.add(logged);
      bodies.add(step(2 * turn, turn, "assistant"));
      bodies.add(step(2 * turn + 1, turn, "env"));
      bodies.add(new Measured(Map.of("turn", (double) turn)));
    }
    bodies.add(new PhaseEntered(Phase.GRADING));
    bodies.add(
        new AiopslabResult(Json.mapper().createObjectNode().put("session", task.toString())));
    bodies.add(
        new Finished(TaskStatus.COMPLETED, null, null, result(turns, lines))
            .afterTrajectoryEvents(2 + 2 * turns));
    List<RunEvent> events =
        IntStream.range(0, bodies.size())
            .mapToObj(seq -> event(task, session, workerId, seq, bodies.get(seq)))
            .toList();
    return new SimulatedRun(task, session, workerId, turns, lines, events);
  }

  public RunEvent event(long seq, RunEventBody body) {
    return event(taskId, sessionId, workerId, seq, body);
  }

  public RunEvent finished() {
    return events.get(events.size() - 1);
  }

  /** Everything of this run is stored, in order, each once. */
  public void assertComplete(RunningCollector collector) {
    assertThat(collector.get(TaskQueries.class).find(taskId))
        .hasValueSatisfying(task -> assertThat(task.status()).isEqualTo(TaskStatus.COMPLETED));
    assertLogsAndSteps(collector);
    assertThat(collector.get(TaskResults.class).find(taskId))
        .hasValueSatisfying(
            result -> {
              assertThat(result.reward()).isEqualTo(0.5);
              assertThat(result.steps()).isEqualTo(turns);
              assertThat(result.logLines()).isEqualTo(lines);
            });
    assertThat(collector.get(AiopslabResults.class).find(taskId))
        .contains("{\"session\":\"" + taskId + "\"}");
  }

  public void assertLogsAndSteps(RunningCollector collector) {
    assertThat(
            collector
                .get(TaskLogs.class)
                .read(taskId, new TaskLogs.Page(-1, null, LogLevel.DEBUG, 10_000)))
        .extracting(line -> line.seq())
        .containsExactlyElementsOf(java.util.stream.LongStream.range(0, lines).boxed().toList());
    assertThat(collector.get(TaskSteps.class).read(taskId))
        .extracting(Step::index)
        .containsExactlyElementsOf(IntStream.range(0, 2 * turns).boxed().toList());
    assertThat(collector.get(RunProgress.class).find(taskId))
        .hasValueSatisfying(
            progress -> {
              assertThat(progress.steps()).isEqualTo(turns);
              assertThat(progress.phase()).isEqualTo(Phase.GRADING);
            });
  }

  private static Logged lines(long firstSeq, int count) {
    return new Logged(
        firstSeq,
        IntStream.range(0, count)
            .mapToObj(i -> new Logged.Line(instant(i), LogLevel.INFO, "line \0" + i, null))
            .toList());
  }

  private static StepTaken step(int index, int turn, String role) {
    return new StepTaken(
        new Step(
            index, turn, role, "content " + index, null, null, null, null, null, instant(index)));
  }

  private static TaskResult result(int turns, long lines) {
    return new TaskResult(
        "simulator", true, 0.5, Map.of(), Map.of(), null, null, "submitted", turns, lines);
  }

  private static RunEvent event(
      UUID task, UUID session, String workerId, long seq, @Nullable RunEventBody body) {
    return new RunEvent(
        RunEvent.VERSION,
        task,
        session,
        workerId,
        seq,
        instant(seq),
        java.util.Objects.requireNonNull(body));
  }

  private static Instant instant(long offset) {
    return Instant.parse("2026-11-23T10:00:00Z").plusMillis(offset);
  }
}
