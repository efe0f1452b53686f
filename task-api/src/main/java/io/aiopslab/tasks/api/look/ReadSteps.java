package io.aiopslab.tasks.api.look;

import io.aiopslab.tasks.store.TaskSteps;
import io.aiopslab.tasks.task.Step;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import java.util.UUID;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
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

  @Schema(name = "TaskSteps")
  record StepList(UUID taskId, List<Step> steps) {}

  @Operation(
      summary = "Read the messages of the trajectory so far",
      description =
          "The raw messages in order of index, also while the task runs. It is not the trajectory"
              + " record for trainers, which will be a call of its own.")
  @ApiResponse(responseCode = "200", description = "All messages so far")
  @GetMapping(path = "/api/v1/tasks/{id}/steps", produces = MediaType.APPLICATION_JSON_VALUE)
  StepList steps(@PathVariable("id") UUID id) {
    read.find(id);
    return new StepList(id, steps.read(id));
  }
}
