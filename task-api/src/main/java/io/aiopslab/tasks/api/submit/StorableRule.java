package io.aiopslab.tasks.api.submit;

import io.aiopslab.tasks.api.body.JsonPath;
import io.aiopslab.tasks.api.body.StorableNumber;
import tools.jackson.databind.JsonNode;

/**
 * Refuses what PostgreSQL's jsonb or a double cannot hold, so that everything that was accepted can
 * be stored and returned: U+0000, halves of surrogate pairs, numbers beyond a double.
 */
final class StorableRule {
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
    } else if (value.isNumber() && !StorableNumber.isOne(value.decimalValue())) {
      violations.add(path, "number", StorableNumber.RULE);
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
}
