package io.aiopslab.tasks.api.tasks;

import io.aiopslab.tasks.store.TaskFilter;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.UUID;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Ends what is left of a group. */
@RestController
@Tag(name = "groups")
class CancelGroup {
  private final AskForEnd askForEnd;
  private final ReadGroups read;

  CancelGroup(AskForEnd askForEnd, ReadGroups read) {
    this.askForEnd = askForEnd;
    this.read = read;
  }

  @Operation(
      summary = "Cancel what still waits or runs of a group",
      description =
          "As the cancel of each of its samples; those that have ended stay as they are. Safe to"
              + " repeat.")
  @ApiResponse(responseCode = "200", description = "The group; running samples end soon")
  @DeleteMapping(path = "/api/v1/groups/{id}", produces = MediaType.APPLICATION_JSON_VALUE)
  GroupView cancel(@PathVariable("id") UUID id) {
    read.view(id);
    askForEnd.ofAll(TaskFilter.ofGroup(id), "its group was cancelled");
    return read.view(id);
  }
}
