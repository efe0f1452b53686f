package io.aiopslab.tasks.api.trajectories;

import io.aiopslab.tasks.api.tasks.ReadTask;
import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.store.TrajectoryFeed;
import io.aiopslab.tasks.task.Task;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.Writer;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JsonGenerator;

/** The trajectory of one ended task. */
@RestController
@Tag(name = "trajectories")
class ReadTrajectory {
  private final ReadTask read;
  private final TrajectoryFeed feed;
  private final WriteTrajectory trajectory;
  private final Downloads downloads;

  ReadTrajectory(
      ReadTask read, TrajectoryFeed feed, WriteTrajectory trajectory, Downloads downloads) {
    this.read = read;
    this.feed = feed;
    this.trajectory = trajectory;
    this.downloads = downloads;
  }

  @Operation(
      summary = "Read the trajectory of an ended task",
      description =
          "Messages, steps, token samples, reward and policy in one record, as GET"
              + " /api/v1/schemas/trajectory describes it. It can be large: it is streamed.")
  @ApiResponse(
      responseCode = "200",
      description = "The trajectory",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(ref = "#/components/schemas/Trajectory")))
  @ApiResponse(
      responseCode = "409",
      description = "task_not_ended: GET /api/v1/tasks/{id}/steps has the messages so far")
  @GetMapping(path = "/api/v1/tasks/{id}/trajectory", produces = MediaType.APPLICATION_JSON_VALUE)
  void read(
      @PathVariable("id") UUID id,
      @Parameter(hidden = true) HttpServletRequest request,
      @Parameter(hidden = true) HttpServletResponse response) {
    Task task = read.find(id);
    if (!task.status().isTerminal()) {
      throw Refusal.conflict(
          "task_not_ended",
          "Task %s is %s: wait for its end with GET /api/v1/tasks/%s?wait=30s, or read the messages so far with GET /api/v1/tasks/%s/steps."
              .formatted(id, task.status().wire(), id, id));
    }
    @Nullable Long position = feed.position(id);
    downloads
        .open(request, response)
        .answer(
            (answer, pace) -> {
              Writer out = JsonOutput.begin(answer, MediaType.APPLICATION_JSON_VALUE, pace);
              JsonGenerator json = JsonOutput.generator(out);
              trajectory.write(id, position, json, pace);
              json.flush();
              out.flush();
            });
  }
}
