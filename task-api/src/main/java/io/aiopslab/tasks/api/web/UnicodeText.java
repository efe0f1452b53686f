package io.aiopslab.tasks.api.web;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * Halves of surrogate pairs, which JSON can escape and nothing can store, become U+FFFD: a line of
 * a log with bytes that were no text must not be lost for it.
 */
final class UnicodeText {
  private UnicodeText() {}

  static JsonNode mend(JsonNode value) {
    if (value instanceof ObjectNode object) {
      for (String name : List.copyOf(object.propertyNames())) {
        JsonNode member = object.remove(name);
        object.set(mend(name), member == null ? null : mend(member));
      }
      return object;
    }
    if (value instanceof ArrayNode array) {
      List<JsonNode> items = new ArrayList<>();
      array.forEach(item -> items.add(mend(item)));
      array.removeAll();
      return array.addAll(items);
    }
    return value.isString() && isBroken(value.stringValue())
        ? StringNode.valueOf(mend(value.stringValue()))
        : value;
  }

  private static String mend(String text) {
    if (!isBroken(text)) {
      return text;
    }
    StringBuilder mended = new StringBuilder();
    text.codePoints().map(point -> isHalf(point) ? 0xFFFD : point).forEach(mended::appendCodePoint);
    return mended.toString();
  }

  private static boolean isBroken(String text) {
    return text.codePoints().anyMatch(UnicodeText::isHalf);
  }

  private static boolean isHalf(int point) {
    return point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
  }
}
