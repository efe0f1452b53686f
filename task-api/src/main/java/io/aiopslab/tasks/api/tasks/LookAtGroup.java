package io.aiopslab.tasks.api.tasks;

import io.aiopslab.tasks.api.web.WaitTime;
import io.aiopslab.tasks.task.TaskGroup;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** GET of a group, now or when it is done. */
@RestController
@Tag(name = "groups")
class LookAtGroup {
  private final ReadGroups read;
  private final WaitForEnds ends;

  LookAtGroup(ReadGroups read, WaitForEnds ends) {
    this.read = read;
    this.ends = ends;
  }

  @Operation(
      summary = "Look at a group, or wait until it is done",
      description =
          "With wait the answer comes as soon as all samples have ended, or early_stop of them are"
              + " usable, or when the time is over: look at done to know which.")
  @ApiResponse(
      responseCode = "200",
      description = "The group as it is now",
      content = @Content(schema = @Schema(implementation = GroupView.class)))
  @GetMapping(path = "/api/v1/groups/{id}", produces = MediaType.APPLICATION_JSON_VALUE)
  Object look(
      @PathVariable("id") UUID id,
      @Parameter(description = "500ms, 30s, 1m; at most 60s", example = "30s")
          @RequestParam(name = "wait", required = false)
          @Nullable String wait) {
    Duration longest = WaitTime.parse(wait);
    TaskGroup group = read.find(id);
    if (group.isDone() || longest.isZero()) {
      return GroupView.of(group);
    }
    return ends.answerAtEnd(id, longest, () -> read.view(id));
  }
}
