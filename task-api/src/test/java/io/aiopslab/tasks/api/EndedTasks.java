package io.aiopslab.tasks.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.store.RunBriefings;
import io.aiopslab.tasks.store.TaskClaims;
import io.aiopslab.tasks.store.TaskEndings;
import io.aiopslab.tasks.store.TaskLogs;
import io.aiopslab.tasks.store.TaskResults;
import io.aiopslab.tasks.store.TaskSteps;
import io.aiopslab.tasks.store.TrajectoryFeed;
import io.aiopslab.tasks.task.Briefing;
import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.task.LogLevel;
import io.aiopslab.tasks.task.LogLine;
import io.aiopslab.tasks.task.Step;
import io.aiopslab.tasks.task.TaskResult;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.task.Transition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Tasks that have run, by way of the store: there is no worker and no collector here. */
record EndedTasks(RunningApi api) {
  static final Instant THEN = Instant.parse("2026-11-23T08:00:00Z");

  /** A claimed task. */
  record Run(UUID task, UUID session) {
    String path() {
      return "/api/v1/tasks/" + task + "/trajectory";
    }
  }

  Run claimed(String body) {
    ObjectNode task = (ObjectNode) Json.mapper().readTree(body);
    String backend = "b-" + UUID.randomUUID().toString().substring(0, 8);
    UUID id = UUID.fromString(api.submit(task.put("backend_type", backend).toString()).id());
    UUID session = UUID.randomUUID();
    assertThat(api.bean(TaskClaims.class).claim("worker-1", backend, session)).isPresent();
    return new Run(id, session);
  }

  void brief(Run run, String description, String instructions, Map<String, String> actions) {
    ObjectNode documented = Json.mapper().createObjectNode();
    actions.forEach(documented::put);
    api.bean(RunBriefings.class)
        .record(
            List.of(
                new RunBriefings.Entry(
                    run.task(), new Briefing(description, instructions, documented), THEN)));
  }

  void step(Run run, int index, String role, String content) {
    step(run, index, role, content, null, null, null);
  }

  /** The last three are JSON. */
  void step(
      Run run,
      int index,
      String role,
      String content,
      @Nullable String tokens,
      @Nullable String logprobs,
      @Nullable String model) {
    boolean agent = role.equals("assistant");
    Step step =
        new Step(
            index,
            index / 2,
            role,
            content,
            agent ? 12.5 : null,
            agent ? null : 3.0,
            json(tokens),
            json(logprobs),
            json(model),
            THEN);
    api.bean(TaskSteps.class).append(List.of(new TaskSteps.Entry(run.task(), step)));
  }

  void lines(Run run, long... seqs) {
    api.bean(TaskLogs.class)
        .append(
            LongStream.of(seqs)
                .mapToObj(
                    seq ->
                        new TaskLogs.Entry(
                            run.task(), new LogLine(seq, THEN, LogLevel.INFO, "m", null)))
                .toList());
  }

  void end(Run run, TaskStatus status, @Nullable FailureCode failure, @Nullable Integer events) {
    end(run, status, failure, events, 0);
  }

  void end(
      Run run,
      TaskStatus status,
      @Nullable FailureCode failure,
      @Nullable Integer events,
      long lines) {
    Map<String, Double> metrics =
        Map.of(
            "usage.prompt_tokens", 7.0, "phase_seconds.setup", 1.5, "phase_seconds.running", 0.25);
    boolean completed = status == TaskStatus.COMPLETED;
    api.bean(TaskResults.class)
        .record(
            run.task(),
            run.session(),
            9,
            THEN,
            new TaskResult(
                "simulator",
                completed ? true : null,
                completed ? 0.5 : null,
                completed ? Map.of("localization", 0.5) : Map.of(),
                metrics,
                null,
                Json.mapper().createObjectNode().put("fault_injected", true),
                completed ? "submitted" : null,
                1,
                lines),
            events);
    endUnreported(run, status, failure);
  }

  /** As a sweep does. */
  void endUnreported(Run run, TaskStatus status, @Nullable FailureCode failure) {
    String why = failure == null ? null : "It was " + failure.wire() + ".";
    assertThat(api.bean(TaskEndings.class).finish(run.task(), run.session(), status, failure, why))
        .isEqualTo(Transition.APPLIED);
  }

  /** What the collector does in a moment. */
  int feed() {
    return feed(Duration.ofSeconds(30));
  }

  int feed(Duration patience) {
    return api.bean(TrajectoryFeed.class).append(500, patience);
  }

  private static @Nullable JsonNode json(@Nullable String text) {
    return text == null ? null : Json.mapper().readTree(text);
  }
}
