package io.aiopslab.tasks.api.web;

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
  private final int deepest;
  private final String required;
  private final JsonMapper mapper;

  /**
   * @param deepest levels below the root
   * @param required the members that there must be, for who sends none
   */
  StrictJson(int deepest, String required) {
    this.deepest = deepest;
    this.required = required;
    this.mapper =
        JsonMapper.builder(
                JsonFactory.builder()
                    .streamReadConstraints(
                        StreamReadConstraints.builder()
                            .maxNestingDepth(deepest + 1)
                            .maxNameLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();
  }

  /**
   * @throws Refusal saying what is wrong, and where
   */
  public ObjectNode read(byte[] body) {
    try (JsonParser parser = mapper.createParser(body)) {
      try {
        JsonToken first = parser.nextToken();
        if (first == null) {
          throw Refusal.badRequest(
              "empty_body",
              "Send a JSON object%s as the body."
                  .formatted(required.isEmpty() ? "" : " with at least " + required));
        }
        if (first != JsonToken.START_OBJECT) {
          throw Refusal.badRequest(
              "not_an_object", "Send a JSON object as the body, not another kind of value.");
        }
        JsonNode root = mapper.readTree(parser);
        if (parser.nextToken() != null) {
          throw malformed("", "syntax", "has more after the end of the JSON object");
        }
        return (ObjectNode) root;
      } catch (JacksonException e) {
        throw explain(parser, e);
      } catch (NumberFormatException e) {
        throw malformed(place(parser), "number", StorableNumber.RULE);
      }
    }
  }

  private Refusal explain(JsonParser parser, JacksonException e) {
    String place = place(parser);
    if (parser.streamReadContext().getNestingDepth() > deepest) {
      return malformed(
          place, "depth", "is nested too deeply: at most %d levels".formatted(deepest));
    }
    String said = String.valueOf(e.getOriginalMessage());
    if (said.startsWith("Duplicate")) {
      return malformed(place, "duplicate", "is given more than once");
    }
    if (said.startsWith("Number value length")) {
      return malformed(place, "number", StorableNumber.RULE);
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
