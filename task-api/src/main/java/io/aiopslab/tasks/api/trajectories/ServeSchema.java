package io.aiopslab.tasks.api.trajectories;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** What the trajectory record is, for programs that check or generate code. */
@RestController
@Tag(name = "trajectories")
class ServeSchema {
  private final TrajectorySchema schema;

  ServeSchema(TrajectorySchema schema) {
    this.schema = schema;
  }

  @Operation(
      summary = "Read the JSON Schema of trajectories",
      description = "JSON Schema 2020-12 of the record, version 1.")
  @ApiResponse(
      responseCode = "200",
      description = "The schema",
      content =
          @Content(mediaType = MediaType.APPLICATION_JSON_VALUE, schema = @Schema(type = "object")))
  @GetMapping(path = "/api/v1/schemas/trajectory", produces = MediaType.APPLICATION_JSON_VALUE)
  JsonNode schema() {
    return schema.json();
  }
}
