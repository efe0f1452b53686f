package io.aiopslab.tasks.message;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.aiopslab.tasks.task.Briefing;
import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.task.LogLevel;
import io.aiopslab.tasks.task.Phase;
import io.aiopslab.tasks.task.Step;
import io.aiopslab.tasks.task.TaskResult;
import io.aiopslab.tasks.task.TaskStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** What happened; the {@code kind} on the wire is also part of the routing key. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = RunEventBody.Started.class, name = "started"),
  @JsonSubTypes.Type(value = RunEventBody.PhaseEntered.class, name = "phase"),
  @JsonSubTypes.Type(value = RunEventBody.Logged.class, name = "logs"),
  @JsonSubTypes.Type(value = RunEventBody.Briefed.class, name = "briefing"),
  @JsonSubTypes.Type(value = RunEventBody.StepTaken.class, name = "step"),
  @JsonSubTypes.Type(value = RunEventBody.Measured.class, name = "metrics"),
  @JsonSubTypes.Type(value = RunEventBody.AiopslabResult.class, name = "aiopslab_result"),
  @JsonSubTypes.Type(value = RunEventBody.Finished.class, name = "finished")
})
public sealed interface RunEventBody {

  /** The {@code kind} on the wire. */
  String kind();

  /** Whether {@link Finished#trajectoryEvents} counts it. */
  default boolean belongsToTrajectory() {
    return this instanceof Briefed || this instanceof StepTaken || this instanceof AiopslabResult;
  }

  /** The worker has claimed the task and starts its runner. */
  record Started() implements RunEventBody {
    @Override
    public String kind() {
      return "started";
    }
  }

  /** The run is busy with something else now. */
  record PhaseEntered(Phase phase) implements RunEventBody {
    @Override
    public String kind() {
      return "phase";
    }

    public PhaseEntered {
      Objects.requireNonNull(phase, "phase");
    }
  }

  /**
   * @param firstSeq seq of the first line; the others follow without gaps
   */
  record Logged(long firstSeq, List<Line> lines) implements RunEventBody {
    @Override
    public String kind() {
      return "logs";
    }

    public Logged {
      lines = List.copyOf(lines);
      if (firstSeq < 0) {
        throw new IllegalArgumentException("first_seq must be 0 or more, not " + firstSeq);
      }
    }

    public record Line(Instant ts, LogLevel level, String message, @Nullable ObjectNode context) {
      public Line {
        Objects.requireNonNull(ts, "ts");
        Objects.requireNonNull(level, "level");
        Objects.requireNonNull(message, "message");
      }
    }
  }

  /** The problem is set up, and the agent has been told about it. */
  record Briefed(Briefing briefing) implements RunEventBody {
    @Override
    public String kind() {
      return "briefing";
    }

    public Briefed {
      Objects.requireNonNull(briefing, "briefing");
    }
  }

  /** One more message of the trajectory. */
  record StepTaken(Step step) implements RunEventBody {
    @Override
    public String kind() {
      return "step";
    }

    public StepTaken {
      Objects.requireNonNull(step, "step");
    }
  }

  /** Numbers by name; a later one of the same name replaces the earlier. */
  record Measured(Map<String, Double> values) implements RunEventBody {
    @Override
    public String kind() {
      return "metrics";
    }

    public Measured {
      values = TaskResult.finite(values);
    }
  }

  /**
   * AIOpsLab's own result JSON of the run.
   *
   * @param content at most 4 MiB as JSON
   */
  record AiopslabResult(ObjectNode content) implements RunEventBody {
    @Override
    public String kind() {
      return "aiopslab_result";
    }

    public AiopslabResult {
      Objects.requireNonNull(content, "content");
    }
  }

  /**
   * The last event of a run: its own seq tells how many there were.
   *
   * @param status a terminal status
   * @param failureCode set exactly when the status is failed
   * @param errorDetails a sentence that a person can act on; set exactly when the status is failed
   * @param trajectoryEvents how many events of the kinds briefing, step and aiopslab_result the run
   *     has sent; null where nobody has counted
   */
  record Finished(
      TaskStatus status,
      @Nullable FailureCode failureCode,
      @Nullable String errorDetails,
      TaskResult result,
      @Nullable Integer trajectoryEvents)
      implements RunEventBody {

    public Finished(
        TaskStatus status,
        @Nullable FailureCode failureCode,
        @Nullable String errorDetails,
        TaskResult result) {
      this(status, failureCode, errorDetails, result, null);
    }

    public Finished afterTrajectoryEvents(int count) {
      return new Finished(status, failureCode, errorDetails, result, count);
    }

    @Override
    public String kind() {
      return "finished";
    }

    public Finished {
      Objects.requireNonNull(result, "result");
      if (!status.isTerminal()) {
        throw new IllegalArgumentException("a finished run is not " + status.wire());
      }
      if ((status == TaskStatus.FAILED) != (failureCode != null && errorDetails != null)) {
        throw new IllegalArgumentException(
            "a failure has a code and details, and nothing else has");
      }
    }
  }
}
