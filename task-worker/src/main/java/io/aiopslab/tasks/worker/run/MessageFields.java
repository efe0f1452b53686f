package io.aiopslab.tasks.worker.run;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the fields of one message, and says which of them is wrong.
 *
 * @param subject what the message is called where it is complained about
 */
record MessageFields(String subject, ObjectNode message, Clock clock) {

  String text(String name) throws MalformedMessageException {
    JsonNode value = message.get(name);
    if (value == null || !value.isString()) {
      throw wrong(name, "must be a text");
    }
    return value.stringValue().replace('\0', '\uFFFD');
  }

  @Nullable String textOrNull(String name) throws MalformedMessageException {
    return present(name) == null ? null : text(name);
  }

  int count(String name) throws MalformedMessageException {
    JsonNode value = message.get(name);
    if (value == null || !value.isIntegralNumber() || !value.canConvertToInt()) {
      throw wrong(name, "must be a whole number");
    }
    if (value.intValue() < 0) {
      throw wrong(name, "must not be negative");
    }
    return value.intValue();
  }

  @Nullable Integer countOrNull(String name) throws MalformedMessageException {
    return present(name) == null ? null : count(name);
  }

  @Nullable Double numberOrNull(String name) throws MalformedMessageException {
    JsonNode value = present(name);
    return value == null ? null : number(name, value);
  }

  @Nullable Boolean flagOrNull(String name) throws MalformedMessageException {
    JsonNode value = present(name);
    if (value != null && !value.isBoolean()) {
      throw wrong(name, "must be true, false or null");
    }
    return value == null ? null : value.booleanValue();
  }

  ObjectNode object(String name) throws MalformedMessageException {
    ObjectNode value = objectOrNull(name);
    if (value == null) {
      throw wrong(name, "must be an object");
    }
    return value;
  }

  @Nullable ObjectNode objectOrNull(String name) throws MalformedMessageException {
    JsonNode value = present(name);
    if (value == null || value instanceof ObjectNode) {
      return (ObjectNode) value;
    }
    throw wrong(name, "must be an object");
  }

  /** Numbers by name; nulls, which stand for infinities, are left out. */
  Map<String, Double> numbers(String name) throws MalformedMessageException {
    ObjectNode object = objectOrNull(name);
    Map<String, Double> numbers = new LinkedHashMap<>();
    if (object != null) {
      for (Map.Entry<String, JsonNode> entry : object.properties()) {
        if (!entry.getValue().isNull()) {
          String field = name + "." + entry.getKey();
          numbers.put(entry.getKey(), number(field, entry.getValue()));
        }
      }
    }
    return numbers;
  }

  /** One of a fixed set of names. */
  <T> T named(String name, Function<String, T> fromWire) throws MalformedMessageException {
    String wire = text(name);
    try {
      if (wire.equals(wire.toLowerCase(Locale.ROOT))) {
        return fromWire.apply(wire);
      }
    } catch (IllegalArgumentException e) {
      // said below
    }
    throw wrong(name, "is '" + wire + "', which is not known");
  }

  /** When the runner said it; now, where it gave no time that can be read. */
  Instant ts() {
    JsonNode ts = message.get("ts");
    try {
      return ts != null && ts.isString() ? Instant.parse(ts.stringValue()) : clock.instant();
    } catch (DateTimeException e) {
      return clock.instant();
    }
  }

  @Nullable JsonNode present(String name) {
    JsonNode value = message.get(name);
    return value == null || value.isNull() ? null : value;
  }

  private double number(String name, JsonNode value) throws MalformedMessageException {
    if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
      throw wrong(name, "must be a number");
    }
    return value.doubleValue();
  }

  MalformedMessageException wrong(String name, String rule) {
    return new MalformedMessageException("%s is malformed: %s %s".formatted(subject, name, rule));
  }
}
