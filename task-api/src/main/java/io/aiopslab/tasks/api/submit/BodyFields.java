package io.aiopslab.tasks.api.submit;

import io.aiopslab.tasks.api.body.JsonPath;
import java.math.BigInteger;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Members of a body by name and type, without coercion: {@code "5"} and {@code 5.0} are not
 * integers. An explicit null is as if it were absent.
 */
final class BodyFields {
  private static final BigInteger SMALLEST = BigInteger.valueOf(Integer.MIN_VALUE);
  private static final BigInteger LARGEST = BigInteger.valueOf(Integer.MAX_VALUE);

  private final ObjectNode body;
  private final Violations violations;
  private final String what;
  private final Set<String> known = new TreeSet<>();

  /**
   * @param what it is the body of, such as {@code a task}
   */
  BodyFields(ObjectNode body, Violations violations, String what) {
    this.body = body;
    this.violations = violations;
    this.what = what;
  }

  @Nullable String text(String name) {
    JsonNode value = present(name);
    if (value != null && !value.isString()) {
      violations.add(name, "type", "must be a string");
      return null;
    }
    return value == null ? null : value.stringValue();
  }

  /** A number too large for an int is as far out of range as an int can be. */
  @Nullable Integer integer(String name) {
    JsonNode value = present(name);
    if (value != null && !value.isIntegralNumber()) {
      violations.add(name, "type", "must be an integer");
      return null;
    }
    return value == null ? null : value.bigIntegerValue().min(LARGEST).max(SMALLEST).intValue();
  }

  /** Of 64 bits. */
  @Nullable Long longInteger(String name) {
    JsonNode value = present(name);
    if (value != null && !(value.isIntegralNumber() && value.canConvertToLong())) {
      violations.add(name, "type", "must be an integer of 64 bits");
      return null;
    }
    return value == null ? null : value.longValue();
  }

  @Nullable ObjectNode object(String name) {
    JsonNode value = present(name);
    if (value != null && !value.isObject()) {
      violations.add(name, "type", "must be an object");
      return null;
    }
    return (ObjectNode) value;
  }

  /** To be called last: whatever has not been asked for is unknown. */
  void refuseOthers() {
    String fields = String.join(", ", known);
    for (String name : body.propertyNames()) {
      if (!known.contains(name)) {
        violations.add(
            JsonPath.member("", name),
            "unknown",
            "is not a field of %s; there are %s".formatted(what, fields));
      }
    }
  }

  private @Nullable JsonNode present(String name) {
    known.add(name);
    JsonNode value = body.get(name);
    return value == null || value.isNull() ? null : value;
  }
}
