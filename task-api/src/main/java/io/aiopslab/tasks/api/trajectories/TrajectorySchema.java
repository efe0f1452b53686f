package io.aiopslab.tasks.api.trajectories;

import io.aiopslab.tasks.message.Json;
import io.swagger.v3.core.util.Json31;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.media.Schema;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** The record is described once, in a file: this puts it into the description of the API too. */
@Component
class TrajectorySchema implements GlobalOpenApiCustomizer {
  private static final String FILE = "/schemas/trajectory.json";
  private static final String PAGE =
      """
      {"type": "object", "additionalProperties": false, "required": ["trajectories", "next"],
       "properties": {
         "trajectories": {"type": "array", "items": {"$ref": "#/components/schemas/Trajectory"}},
         "next": {"type": "string", "description": "What to pass as after"}}}
      """;
  private static final String END =
      """
      {"type": "object", "additionalProperties": false, "required": ["next"],
       "description": "The last line of an answer that is whole",
       "properties": {"next": {"type": "string", "description": "What to pass as after"}}}
      """;
  private static final String LINE =
      """
      {"description": "A line of the feed",
       "oneOf": [{"$ref": "#/components/schemas/Trajectory"},
                 {"$ref": "#/components/schemas/TrajectoryEnd"}]}
      """;

  private final ObjectNode schema = read();

  ObjectNode json() {
    return schema;
  }

  @Override
  public void customise(OpenAPI api) {
    ObjectNode record = schema.deepCopy();
    record.remove("$schema");
    record.remove("$id");
    api.getComponents()
        .addSchemas("Trajectory", schema(record.toString()))
        .addSchemas("TrajectoryPage", schema(PAGE))
        .addSchemas("TrajectoryEnd", schema(END))
        .addSchemas("TrajectoryLine", schema(LINE));
  }

  private static Schema<?> schema(String json) {
    try {
      return Json31.mapper().readValue(json, Schema.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ObjectNode read() {
    try (InputStream file = TrajectorySchema.class.getResourceAsStream(FILE)) {
      return (ObjectNode) Json.mapper().readTree(Objects.requireNonNull(file, FILE));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
