package io.aiopslab.tasks.api.web;

import tools.jackson.core.TokenStreamContext;

/** Where in a body something stands, as people write it: {@code agent_config.tools[2].name}. */
public final class JsonPath {
  private static final int LONGEST_NAME = 100;

  private JsonPath() {}

  static String of(TokenStreamContext place) {
    TokenStreamContext parent = place.getParent();
    String before = parent == null ? "" : of(parent);
    if (place.inArray()) {
      return place.hasCurrentIndex() ? item(before, place.getCurrentIndex()) : before;
    }
    return place.hasCurrentName() ? member(before, place.currentName()) : before;
  }

  public static String item(String parent, int index) {
    return parent + "[" + index + "]";
  }

  public static String member(String parent, String name) {
    return parent.isEmpty() ? printable(name) : parent + "." + printable(name);
  }

  /** A name may hold anything; what the path shows of it can be sent and read. */
  private static String printable(String name) {
    StringBuilder shown = new StringBuilder();
    name.codePoints()
        .limit(LONGEST_NAME)
        .forEach(
            point -> {
              if (Character.isISOControl(point)
                  || Character.getType(point) == Character.SURROGATE) {
                shown.append(String.format("\\u%04x", point));
              } else {
                shown.appendCodePoint(point);
              }
            });
    return name.codePointCount(0, name.length()) > LONGEST_NAME ? shown + "…" : shown.toString();
  }
}
