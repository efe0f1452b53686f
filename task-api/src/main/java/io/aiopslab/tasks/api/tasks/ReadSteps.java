package io.aiopslab.tasks.api.tasks;

import io.aiopslab.tasks.store.Slice;
import io.aiopslab.tasks.store.TaskSteps;
import io.aiopslab.tasks.task.Step;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import java.util.UUID;
import org.hibernate.validator.constraints.Range;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What agent and environment have said to each other so far. */
@RestController
@Tag(name = "tasks")
class ReadSteps {
  private final ReadTask read;
  private final TaskSteps steps;

  ReadSteps(ReadTask read, TaskSteps steps) {
    this.read = read;
    this.steps = steps;
  }

  /**
   * @param next null at the end of a finished task
   */
  @Schema(name = "TaskSteps")
  record StepPage(
      UUID taskId,
      List<Step> steps,
      @Schema(
              nullable = true,
              description =
                  "What to pass as after for the next page; null at the end of a finished task",
              example = "49")
          @Nullable Long next) {}

  @Operation(
      summary = "Read the messages of the trajectory so far",
      description =
          "The raw messages in order of index, also while the task runs; at most limit and about"
              + " 4 MiB a page, because token ids make them large. Pass next as after until it is"
              + " null. Trainers read GET /api/v1/tasks/{id}/trajectory instead.")
  @ApiResponse(responseCode = "200", description = "A page of messages")
  @GetMapping(path = "/api/v1/tasks/{id}/steps", produces = MediaType.APPLICATION_JSON_VALUE)
  StepPage steps(
      @PathVariable("id") UUID id,
      @Parameter(description = "Only messages behind this index; -1 for the beginning")
          @RequestParam(name = "after", defaultValue = "-1")
          @Range(min = -1, message = "must be at least -1")
          long after,
      @RequestParam(name = "limit", defaultValue = "100")
          @Range(min = 1, max = 1000, message = "must be between 1 and 1000")
          int limit) {
    boolean ended = read.find(id).status().isTerminal();
    Slice<Step> page = steps.slice(id, after, limit, PageSize.MOST_BYTES);
    List<Step> rows = page.rows();
    long last = rows.isEmpty() ? after : rows.get(rows.size() - 1).index();
    return new StepPage(id, rows, ended && !page.more() ? null : last);
  }
}
