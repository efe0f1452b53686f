package io.aiopslab.tasks.api.web;

import tools.jackson.databind.JsonNode;

/**
 * Refuses what PostgreSQL's jsonb or a double cannot hold, so that everything that was accepted can
 * be stored and returned: U+0000, halves of surrogate pairs, numbers beyond a double.
 */
final class StorableJson {
  private StorableJson() {}

  /** Text and numbers. */
  static void check(String path, JsonNode value, Violations violations) {
    check(path, value, true, violations);
  }

  /** Numbers alone: text was mended. */
  static void checkNumbers(JsonNode value, Violations violations) {
    check("", value, false, violations);
  }

  private static void check(String path, JsonNode value, boolean text, Violations violations) {
    if (value.isObject()) {
      value
          .properties()
          .forEach(
              member -> {
                String place = JsonPath.member(path, member.getKey());
                if (text) {
                  checkText(place, member.getKey(), violations);
                }
                check(place, member.getValue(), text, violations);
              });
    } else if (value.isArray()) {
      for (int i = 0; i < value.size(); i++) {
        check(JsonPath.item(path, i), value.get(i), text, violations);
      }
    } else if (text && value.isString()) {
      checkText(path, value.stringValue(), violations);
    } else if (value.isNumber() && !StorableNumber.isOne(value.decimalValue())) {
      violations.add(path, "number", StorableNumber.RULE);
    }
  }

  private static void checkText(String path, String text, Violations violations) {
    if (text.indexOf('\0') >= 0) {
      violations.add(path, "characters", "holds the character U+0000, which cannot be stored");
    } else if (text.codePoints().anyMatch(StorableJson::isHalfOfPair)) {
      violations.add(path, "characters", "holds half of a surrogate pair, which is not Unicode");
    }
  }

  private static boolean isHalfOfPair(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }
}
