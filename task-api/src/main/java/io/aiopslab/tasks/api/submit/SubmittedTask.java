package io.aiopslab.tasks.api.submit;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.aiopslab.tasks.view.TaskView;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A task as it was accepted, with what its submitter should look at. */
@Schema(name = "SubmittedTask")
record SubmittedTask(
    @JsonUnwrapped TaskView task,
    @Schema(description = SubmittedTask.WARNINGS) @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable List<String> warnings) {
  static final String WARNINGS =
      "Only where no live worker of the backend can play the problem: says so, and names the"
          + " nearest problems that can be played. The submission is accepted all the same";
}
