package io.aiopslab.tasks.api.submit;

import io.aiopslab.tasks.api.problem.Problem;
import io.aiopslab.tasks.api.problem.Refusal;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Reads exactly one JSON object: no repeated names, no depth to drown in, nothing behind it. */
final class StrictJson {
  /** Levels below the root. */
  static final int DEEPEST = 32;

  private static final String TOO_LARGE = "is a number outside of what a double can hold";

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(DEEPEST + 1)
                          .maxNameLength(Integer.MAX_VALUE)
                          .build())
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private StrictJson() {}

  /**
   * @throws Refusal saying what is wrong, and where
   */
  static ObjectNode read(byte[] body) {
    try (JsonParser parser = MAPPER.createParser(body)) {
      try {
        JsonToken first = parser.nextToken();
        if (first == null) {
          throw Refusal.badRequest(
              "empty_body", "Send a JSON object with at least problem_id as the body.");
        }
        if (first != JsonToken.START_OBJECT) {
          throw Refusal.badRequest(
              "not_an_object", "Send a JSON object as the body, not another kind of value.");
        }
        JsonNode root = MAPPER.readTree(parser);
        if (parser.nextToken() != null) {
          throw malformed("", "syntax", "has more after the end of the JSON object");
        }
        return (ObjectNode) root;
      } catch (JacksonException e) {
        throw explain(parser, e);
      } catch (NumberFormatException e) {
        throw malformed(place(parser), "number", TOO_LARGE);
      }
    }
  }

  private static Refusal explain(JsonParser parser, JacksonException e) {
    String place = place(parser);
    if (parser.streamReadContext().getNestingDepth() > DEEPEST) {
      return malformed(
          place, "depth", "is nested too deeply: at most %d levels".formatted(DEEPEST));
    }
    String said = String.valueOf(e.getOriginalMessage());
    if (said.startsWith("Duplicate")) {
      return malformed(place, "duplicate", "is given more than once");
    }
    if (said.startsWith("Number value length")) {
      return malformed(place, "number", TOO_LARGE);
    }
    return malformed(
        place,
        "syntax",
        "is at or just before the place where this is no JSON: line %d, column %d"
            .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr()));
  }

  private static String place(JsonParser parser) {
    return JsonPath.of(parser.streamReadContext());
  }

  private static Refusal malformed(String place, String rule, String message) {
    String field = place.isEmpty() ? "(body)" : place;
    return Refusal.badRequest(
        "malformed_json",
        "Correct the JSON and send it again: %s %s.".formatted(field, message),
        List.of(new Problem.Detail(field, rule, message)));
  }
}
