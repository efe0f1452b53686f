package io.aiopslab.tasks.api;

import io.aiopslab.tasks.message.Json;
import java.math.BigInteger;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Values for a schema: right, at its bounds, just beyond them, or something else altogether. */
final class GeneratedValue {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final JsonNode description;
  private final List<String> ids;
  private final Random random;

  /**
   * @param ids that exist
   */
  GeneratedValue(JsonNode description, List<String> ids, Random random) {
    this.description = description;
    this.ids = ids;
    this.random = random;
  }

  String parameter(JsonNode parameter) {
    // A long wait is right, and would only take long.
    if (parameter.get("name").stringValue().equals("wait")) {
      return random.nextBoolean() ? "5ms" : weirdText();
    }
    if (random.nextInt(4) == 0) {
      return weirdText();
    }
    JsonNode value = of(parameter.get("schema"));
    return value.isString() ? value.stringValue() : value.toString();
  }

  JsonNode of(JsonNode schema) {
    if (random.nextInt(25) == 0) {
      return weird();
    }
    JsonNode resolved = resolve(schema);
    if (resolved.has("enum")) {
      JsonNode values = resolved.get("enum");
      return values.get(random.nextInt(values.size()));
    }
    return switch (type(resolved)) {
      case "integer", "number" -> NODES.numberNode(number(resolved));
      case "boolean" -> NODES.booleanNode(random.nextBoolean());
      case "string" -> NODES.stringNode(text(resolved));
      case "array" -> array(resolved);
      case "object" -> object(resolved);
      default -> weird();
    };
  }

  private JsonNode resolve(JsonNode schema) {
    JsonNode resolved = schema;
    while (resolved.has("$ref") || resolved.has("anyOf")) {
      resolved =
          resolved.has("$ref")
              ? description.at(resolved.get("$ref").stringValue().substring(1))
              : resolved.get("anyOf").get(0);
    }
    return resolved;
  }

  private static String type(JsonNode schema) {
    JsonNode type = schema.path("type");
    if (!type.isArray()) {
      return type.asString("");
    }
    for (JsonNode one : type) {
      if (!one.stringValue().equals("null")) {
        return one.stringValue();
      }
    }
    return "null";
  }

  private long number(JsonNode schema) {
    long least = schema.path("minimum").asLong(-5);
    long most = schema.path("maximum").asLong(1000);
    return switch (random.nextInt(8)) {
      case 0 -> least;
      case 1 -> most;
      case 2 -> least - 1;
      case 3 -> most + 1;
      default -> least + (long) (random.nextDouble() * (most - least));
    };
  }

  private String text(JsonNode schema) {
    String example = schema.path("example").asString("");
    return switch (schema.path("format").asString("")) {
      case "uuid" ->
          random.nextInt(4) > 0
              ? ids.get(random.nextInt(ids.size()))
              : new UUID(random.nextLong(), random.nextLong()).toString();
      case "date-time" ->
          List.of("2026-11-23T08:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9Z")
              .get(random.nextInt(3));
      default -> {
        int length = length(schema);
        yield length >= 0 ? "a".repeat(length) : example.isEmpty() ? "default" : example;
      }
    };
  }

  /** At a bound or just beyond it; -1 for any. */
  private int length(JsonNode schema) {
    int most = schema.path("maxLength").asInt(20);
    return switch (random.nextInt(6)) {
      case 0 -> schema.path("minLength").asInt(0);
      case 1 -> most;
      case 2 -> most + 1;
      default -> -1;
    };
  }

  private ArrayNode array(JsonNode schema) {
    ArrayNode array = NODES.arrayNode();
    int size = random.nextInt(4);
    for (int i = 0; i < size; i++) {
      array.add(of(schema.path("items")));
    }
    return array;
  }

  private ObjectNode object(JsonNode schema) {
    ObjectNode object = NODES.objectNode();
    List<String> required =
        schema.path("required").valueStream().map(JsonNode::stringValue).toList();
    schema
        .path("properties")
        .properties()
        .forEach(
            entry -> {
              int chance = required.contains(entry.getKey()) ? 20 : 2;
              if (random.nextInt(chance) > 0) {
                object.set(entry.getKey(), of(entry.getValue()));
              }
            });
    if (!schema.has("properties") && random.nextBoolean()) {
      object.set(weirdText(), weird());
    }
    return object;
  }

  JsonNode weird() {
    return switch (random.nextInt(10)) {
      case 0 -> NODES.nullNode();
      case 1 -> NODES.booleanNode(true);
      case 2 -> NODES.numberNode(new BigInteger("9".repeat(1 + random.nextInt(400))));
      case 3 -> NODES.numberNode(random.nextDouble() * 1e300);
      case 4 -> NODES.numberNode(Long.MIN_VALUE);
      case 5 -> NODES.arrayNode();
      case 6 -> NODES.objectNode();
      case 7 -> deep();
      default -> NODES.stringNode(weirdText());
    };
  }

  private JsonNode deep() {
    int depth = random.nextInt(60);
    return Json.mapper().readTree("[".repeat(depth + 1) + "]".repeat(depth + 1));
  }

  String weirdText() {
    return switch (random.nextInt(14)) {
      case 0 -> "";
      case 1 -> " ";
      case 2 -> "\u0000";
      case 3 -> "😀\u202Eü\uFFFF";
      case 4 -> "x".repeat(random.nextInt(3000));
      case 5 -> "-1";
      case 6 -> "99999999999999999999";
      case 7 -> "1.5";
      case 8 -> "null";
      case 9 -> "'; DROP TABLE tasks; --";
      case 10 -> "../../etc/passwd";
      case 11 -> "%";
      case 12 -> "{}";
      default -> Long.toString(random.nextLong(), 36);
    };
  }
}
