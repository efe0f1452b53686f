package io.aiopslab.tasks.api.submit;

import java.math.BigDecimal;
import tools.jackson.databind.JsonNode;

/**
 * Refuses what PostgreSQL's jsonb or a double cannot hold, so that everything that was accepted can
 * be stored and returned: U+0000, halves of surrogate pairs, numbers beyond a double.
 */
final class StorableRule {
  /** The longest number that a double needs has 309 digits, written out. */
  private static final int MOST_DIGITS = 400;

  private static final int LARGEST_SCALE = 1000;

  private final Violations violations;

  StorableRule(Violations violations) {
    this.violations = violations;
  }

  void check(String path, JsonNode value) {
    if (value.isObject()) {
      value
          .properties()
          .forEach(
              member -> {
                String place = JsonPath.member(path, member.getKey());
                checkText(place, member.getKey());
                check(place, member.getValue());
              });
    } else if (value.isArray()) {
      for (int i = 0; i < value.size(); i++) {
        check(JsonPath.item(path, i), value.get(i));
      }
    } else if (value.isString()) {
      checkText(path, value.stringValue());
    } else if (value.isNumber() && !isStorable(value.decimalValue())) {
      violations.add(path, "number", "is a number outside of what a double can hold");
    }
  }

  private void checkText(String path, String text) {
    if (text.indexOf('\0') >= 0) {
      violations.add(path, "characters", "holds the character U+0000, which cannot be stored");
    } else if (text.codePoints().anyMatch(StorableRule::isHalfOfPair)) {
      violations.add(path, "characters", "holds half of a surrogate pair, which is not Unicode");
    }
  }

  private static boolean isHalfOfPair(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }

  private static boolean isStorable(BigDecimal number) {
    if (number.precision() > MOST_DIGITS || Math.abs((long) number.scale()) > LARGEST_SCALE) {
      return false;
    }
    double asDouble = number.doubleValue();
    return Double.isFinite(asDouble) && (asDouble != 0 || number.signum() == 0);
  }
}
