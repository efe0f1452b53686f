package io.aiopslab.tasks.api.body;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Numbers that a double, and so JSON's other readers, can hold. */
public final class StorableNumber {
  public static final String RULE = "is a number outside of what a double can hold";

  /** The longest number that a double needs has 309 digits, written out. */
  private static final int MOST_DIGITS = 400;

  private static final int LARGEST_SCALE = 1000;

  private StorableNumber() {}

  public static boolean isOne(BigDecimal number) {
    if (number.precision() > MOST_DIGITS || Math.abs((long) number.scale()) > LARGEST_SCALE) {
      return false;
    }
    double asDouble = number.doubleValue();
    return Double.isFinite(asDouble) && (asDouble != 0 || number.signum() == 0);
  }

  /** Where the first number stands that is none; null if all are. */
  static @Nullable String firstOther(String path, JsonNode value) {
    if (value.isNumber()) {
      return isOne(value.decimalValue()) ? null : path;
    }
    if (value.isObject()) {
      for (String name : value.propertyNames()) {
        String other = firstOther(JsonPath.member(path, name), value.get(name));
        if (other != null) {
          return other;
        }
      }
    }
    for (int i = 0; value.isArray() && i < value.size(); i++) {
      String other = firstOther(JsonPath.item(path, i), value.get(i));
      if (other != null) {
        return other;
      }
    }
    return null;
  }
}
