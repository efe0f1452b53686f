package io.aiopslab.tasks.api.tasks;

import io.aiopslab.tasks.api.web.Problem;
import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.store.AiopslabResults;
import io.aiopslab.tasks.task.Task;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** The result JSON that AIOpsLab itself wrote of a run, for tools that read AIOpsLab's files. */
@RestController
@Tag(name = "tasks")
class ReadAiopslabResult {
  private final ReadTask read;
  private final AiopslabResults results;

  ReadAiopslabResult(ReadTask read, AiopslabResults results) {
    this.read = read;
    this.results = results;
  }

  @Operation(
      summary = "Read AIOpsLab's own result JSON of a task",
      description =
          "What AIOpsLab wrote to its results directory: agent, session_id, problem_id, start_time,"
              + " end_time, trace (role and content of each message) and results. Only of runs on the"
              + " real AIOpsLab that came to their grade. At most 4 MiB: of a longer one the longest"
              + " texts of trace are cut, each with a sentence at its end that says by how much;"
              + " GET /api/v1/tasks/{id}/trajectory has the messages too.")
  @ApiResponse(
      responseCode = "200",
      description = "The JSON as AIOpsLab wrote it",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema =
                  @Schema(
                      type = "object",
                      additionalProperties = Schema.AdditionalPropertiesValue.TRUE)))
  @ApiResponse(
      responseCode = "404",
      description =
          "task_not_found, or aiopslab_result_not_found: the task's run has none, or it has not ended",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_PROBLEM_JSON_VALUE,
              schema = @Schema(implementation = Problem.class)))
  @GetMapping(
      path = "/api/v1/tasks/{id}/aiopslab-result",
      produces = MediaType.APPLICATION_JSON_VALUE)
  byte[] read(@PathVariable("id") UUID id) {
    return results
        .find(id)
        .map(json -> json.getBytes(StandardCharsets.UTF_8))
        .orElseThrow(() -> notFound(read.find(id)));
  }

  private static Refusal notFound(Task task) {
    String why =
        task.status().isTerminal()
            ? "It is %s, and only a run on the real AIOpsLab that came to its grade has one; its logs say whether one was left out, and GET /api/v1/tasks/%s has what else is known."
            : "It is %s: wait for its end with GET /api/v1/tasks/%s?wait=30s.";
    return Refusal.notFound(
        "aiopslab_result_not_found",
        ("Task %s has no result JSON of AIOpsLab. " + why)
            .formatted(task.id(), task.status().wire(), task.id()));
  }
}
