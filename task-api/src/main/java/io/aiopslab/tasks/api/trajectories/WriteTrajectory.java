package io.aiopslab.tasks.api.trajectories;

import io.aiopslab.tasks.api.tasks.ReadTask;
import io.aiopslab.tasks.store.RunBriefings;
import io.aiopslab.tasks.store.TaskResults;
import io.aiopslab.tasks.store.TrajectoryParts;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskResult;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;

/** One ended task as the record of {@code docs/trajectories.md}, version 1. */
@Component
class WriteTrajectory {
  static final int VERSION = 1;

  private final ReadTask tasks;
  private final TaskResults results;
  private final RunBriefings briefings;
  private final TrajectoryParts parts;

  WriteTrajectory(
      ReadTask tasks, TaskResults results, RunBriefings briefings, TrajectoryParts parts) {
    this.tasks = tasks;
    this.results = results;
    this.briefings = briefings;
    this.parts = parts;
  }

  /**
   * @param position in the feed; null if it has none yet
   */
  void write(UUID taskId, @Nullable Long position, JsonGenerator out, ClientPace pace)
      throws IOException {
    Task task = tasks.find(taskId);
    TaskResult result = results.find(taskId).orElse(null);
    boolean whole = task.run() == null || parts.areWhole(taskId);
    Ending ending = Ending.of(task, result);

    out.writeStartObject();
    out.writeNumberProperty("version", VERSION);
    out.writeStringProperty("id", "trj_" + taskId.toString().replace("-", ""));
    text(out, "cursor", position == null ? null : FeedCursor.behind(position));
    identity(out, task);
    out.writeStringProperty("status", task.status().wire());
    text(out, "stop_reason", ending.stopReason());
    ending.writeGrade(out);
    out.writeBooleanProperty("complete", whole);
    error(out, task.failure());

    WriteMessages messages = new WriteMessages(parts, taskId, pace);
    messages.write(out, briefings.find(taskId).orElse(null));
    WriteSteps steps = new WriteSteps(parts, taskId, messages, ending, pace);
    steps.write(out);
    JsonNode wanted = task.spec().agentConfig().path("token_ids");
    boolean tokensWanted = wanted.isBoolean() && wanted.booleanValue();
    new WriteSamples(parts, taskId, pace).write(out, steps.actions(), tokensWanted);

    Policy.of(task, steps.actions()).write(out);
    measures(out, task, result);
    text(out, "environment", result == null ? null : result.environment());
    tree(out, "attestation", result == null ? null : result.attestation());
    tree(out, "metadata", task.spec().metadata());
    time(out, "created_at", task.createdAt());
    Task.Run run = task.run();
    time(out, "started_at", run == null ? null : run.startedAt());
    time(out, "completed_at", task.completedAt());
    out.writeEndObject();
  }

  private static void identity(JsonGenerator out, Task task) {
    Task.Run run = task.run();
    out.writeStringProperty("task_id", task.id().toString());
    Task.Sample sample = task.sample();
    text(out, "group_id", sample == null ? null : sample.groupId().toString());
    if (sample == null) {
      out.writeNullProperty("sample_index");
    } else {
      out.writeNumberProperty("sample_index", sample.index());
    }
    text(out, "session_id", run == null ? null : run.sessionId().toString());
    text(out, "retry_of", task.retryOf() == null ? null : task.retryOf().toString());
    out.writeStringProperty("problem_id", task.spec().problemId());
    out.writeStringProperty("backend_type", task.spec().backendType());
    text(out, "worker_id", run == null ? null : run.workerId());
  }

  private static void error(JsonGenerator out, Task.@Nullable Failure failure) {
    if (failure == null) {
      out.writeNullProperty("error");
    } else {
      out.writeObjectPropertyStart("error");
      out.writeStringProperty("code", failure.code().wire());
      out.writeStringProperty("details", failure.details());
      out.writeEndObject();
    }
  }

  private static void measures(JsonGenerator out, Task task, @Nullable TaskResult result) {
    Map<String, Double> metrics = result == null ? Map.of() : result.metrics();
    out.writeObjectPropertyStart("usage");
    metrics.forEach(
        (name, value) -> {
          if (name.startsWith("usage.")) {
            out.writeNumberProperty(name.substring("usage.".length()), value);
          }
        });
    out.writeEndObject();
    Timing.of(task, metrics).write(out);
  }

  static void text(JsonGenerator out, String name, @Nullable String value) {
    if (value == null) {
      out.writeNullProperty(name);
    } else {
      out.writeStringProperty(name, value);
    }
  }

  static void number(JsonGenerator out, String name, @Nullable Double value) {
    if (value == null) {
      out.writeNullProperty(name);
    } else {
      out.writeNumberProperty(name, value);
    }
  }

  static void tree(JsonGenerator out, String name, @Nullable JsonNode value) {
    out.writeName(name);
    if (value == null) {
      out.writeNull();
    } else {
      out.writeTree(value);
    }
  }

  static void time(JsonGenerator out, String name, @Nullable Instant value) {
    text(out, name, value == null ? null : value.toString());
  }
}
