package io.aiopslab.tasks.api.submit;

import io.aiopslab.tasks.api.body.StrictJson;
import io.aiopslab.tasks.task.TaskGroup;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** From a body to a group that is fit to be stored, or to everything that is wrong with it. */
@Component
class ReadGroup {
  private static final String ENDING = " and %d".formatted(TaskGroup.MOST_SAMPLES);

  private final ReadSubmission submissions;

  ReadGroup(ReadSubmission submissions) {
    this.submissions = submissions;
  }

  /**
   * @throws io.aiopslab.tasks.api.problem.Refusal naming every field that is wrong, such as {@code
   *     task.max_steps}
   */
  GroupRequest read(byte[] body) {
    Violations violations = new Violations();
    BodyFields fields = new BodyFields(StrictJson.OF_GROUP.read(body), violations, "a group");
    SubmitRequest task = task(fields.object("task"), violations);
    Integer samples = fields.integer("samples");
    Integer earlyStop = fields.integer("early_stop");
    fields.refuseOthers();
    check(samples, earlyStop, violations);
    checkSize(samples, body.length, violations);
    violations.refuseIfAny("invalid_group", "submit the group again");
    return new GroupRequest(
        Objects.requireNonNull(task), Objects.requireNonNull(samples), earlyStop);
  }

  private @Nullable SubmitRequest task(@Nullable ObjectNode task, Violations violations) {
    if (task != null) {
      return submissions.read(task, violations.within("task"));
    }
    if (!violations.concern("task")) {
      violations.add("task", "required", "is required: what POST /api/v1/tasks takes");
    }
    return null;
  }

  private static void checkSize(@Nullable Integer samples, int bytes, Violations violations) {
    if (samples != null && (long) samples * bytes > SubmissionBodies.LARGEST_BATCH) {
      violations.add(
          "samples",
          "size",
          "are %d of %d bytes, and all of a group have at most 8 MiB: keep large inputs elsewhere"
                  .formatted(samples, bytes)
              + " and refer to them, or submit several groups");
    }
  }

  private static void check(
      @Nullable Integer samples, @Nullable Integer earlyStop, Violations violations) {
    if (samples == null) {
      if (!violations.concern("samples")) {
        violations.add("samples", "required", "is required");
      }
    } else if (samples < 1 || samples > TaskGroup.MOST_SAMPLES) {
      violations.add("samples", "range", "must be between 1" + ENDING);
    } else if (earlyStop != null && (earlyStop < 1 || earlyStop > samples)) {
      violations.add("early_stop", "range", "must be between 1 and samples, which is " + samples);
    }
  }
}
