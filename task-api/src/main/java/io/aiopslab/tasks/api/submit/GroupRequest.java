package io.aiopslab.tasks.api.submit;

import io.aiopslab.tasks.api.web.BodyRule;
import io.aiopslab.tasks.api.web.StrictBody;
import io.aiopslab.tasks.api.web.Violations;
import io.aiopslab.tasks.task.TaskGroup;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import org.hibernate.validator.constraints.Range;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** The body of a group, as it came. */
@StrictBody(
    most = SubmitRequest.MOST_BYTES,
    ifLarger = "keep large inputs elsewhere and refer to them",
    deepest = SubmitRequest.DEEPEST + 1,
    required = "task and samples",
    mended = false,
    code = "invalid_group",
    then = "submit the group again")
@Schema(name = "SubmitGroup", description = "One task, to be run several times")
record GroupRequest(
    @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
        @NotNull(message = "is required: what POST /api/v1/tasks takes")
        @Valid
        SubmitRequest task,
    @Schema(
            description = "How many times",
            requiredMode = Schema.RequiredMode.REQUIRED,
            minimum = "1",
            maximum = "256",
            example = "8")
        @NotNull(message = "is required")
        @Range(min = 1, max = TaskGroup.MOST_SAMPLES, message = "must be between 1 and 256")
        Integer samples,
    @Schema(
            description =
                "How many usable samples are enough: once so many are completed with a reward, the"
                    + " others are cancelled. From 1 to samples; left out, all are wanted",
            minimum = "1",
            maximum = "256",
            example = "6")
        @Nullable Integer earlyStop) {

  /** What its task has to fulfil, and all samples together. */
  @Component
  static final class Rule implements BodyRule<GroupRequest> {
    private final SubmissionRule submission;

    Rule(SubmissionRule submission) {
      this.submission = submission;
    }

    @Override
    public Class<GroupRequest> type() {
      return GroupRequest.class;
    }

    @Override
    public void check(GroupRequest group, ObjectNode json, int bytes, Violations violations) {
      if (group.task != null) {
        submission.check(group.task, violations.within("task"));
      }
      if (group.samples == null || violations.concern("samples")) {
        return;
      }
      if (group.earlyStop != null && (group.earlyStop < 1 || group.earlyStop > group.samples)) {
        violations.add(
            "early_stop", "range", "must be between 1 and samples, which is " + group.samples);
      }
      if ((long) group.samples * bytes > BatchRequest.MOST_BYTES) {
        violations.add(
            "samples",
            "size",
            "are %d of %d bytes, and all of a group have at most 8 MiB: keep large inputs elsewhere"
                    .formatted(group.samples, bytes)
                + " and refer to them, or submit several groups");
      }
    }
  }
}
