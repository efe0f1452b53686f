package io.aiopslab.tasks.api.submit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.aiopslab.tasks.api.web.BodyRule;
import io.aiopslab.tasks.api.web.JsonPath;
import io.aiopslab.tasks.api.web.StrictBody;
import io.aiopslab.tasks.api.web.Violations;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The body of a batch, as it came. A task of it lies within an object and an array. */
@StrictBody(
    most = BatchRequest.MOST_BYTES,
    ifLarger = "submit the tasks in several batches",
    deepest = SubmitRequest.DEEPEST + 2,
    required = "tasks",
    mended = false,
    code = "invalid_batch",
    then = "submit the batch again, of which nothing is stored",
    mostDetails = 1000)
@Schema(name = "SubmitTasks", description = "Tasks that are stored together or not at all")
record BatchRequest(
    @ArraySchema(
            minItems = 1,
            maxItems = BatchRequest.MOST_TASKS,
            arraySchema = @Schema(requiredMode = Schema.RequiredMode.REQUIRED))
        @NotNull(message = "must be an array of 1 to 1000 tasks")
        @Size(min = 1, max = BatchRequest.MOST_TASKS, message = "must have 1 to 1000 tasks")
        List<@NotNull(message = "must be an object") @Valid SubmitRequest> tasks) {
  static final int MOST_TASKS = 1000;

  /** In bytes, of one statement that stores tasks. */
  static final int MOST_BYTES = 8 << 20;

  /** What each of its tasks has to fulfil. */
  @Component
  static final class Rule implements BodyRule<BatchRequest> {
    private final SubmissionRule submission;

    Rule(SubmissionRule submission) {
      this.submission = submission;
    }

    @Override
    public Class<BatchRequest> type() {
      return BatchRequest.class;
    }

    @Override
    public void check(BatchRequest batch, ObjectNode json, int bytes, Violations violations) {
      if (batch.tasks == null || violations.concern("tasks")) {
        return;
      }
      JsonNode items = json.get("tasks");
      for (int i = 0; i < batch.tasks.size(); i++) {
        Violations item = violations.within(JsonPath.item("tasks", i));
        SubmitRequest task = batch.tasks.get(i);
        if (task != null) {
          submission.check(task, item);
        }
        if (bytes > SubmitRequest.MOST_BYTES
            && items.get(i).toString().getBytes(UTF_8).length > SubmitRequest.MOST_BYTES) {
          item.add("", "length", "must have at most 256 KiB");
        }
      }
    }
  }
}
