package io.aiopslab.tasks.api.web;

import java.util.Map;
import java.util.TreeMap;

/** The parameters {@code metadata.<key>=value}. */
public final class MetadataFilter {
  public static final String PREFIX = "metadata.";

  private static final int MOST = 10;
  private static final int LONGEST = 1000;

  private MetadataFilter() {}

  /**
   * @param parameters all of the request
   * @throws Refusal if there are too many, or one of them cannot be in any metadata
   */
  public static Map<String, String> of(Map<String, String> parameters) {
    Map<String, String> members = new TreeMap<>();
    parameters.forEach(
        (name, value) -> {
          if (name.startsWith(PREFIX)) {
            check(name, value);
            members.put(name.substring(PREFIX.length()), value);
          }
        });
    if (members.size() > MOST) {
      throw Refusal.badParameter(
          PREFIX + "<key>", "length", "may be given for at most %d keys".formatted(MOST));
    }
    return members;
  }

  private static void check(String name, String value) {
    if (name.length() + value.length() > LONGEST) {
      throw Refusal.badParameter(
          PREFIX + "<key>", "length", "must have at most %d characters".formatted(LONGEST));
    }
    if (name.indexOf('\0') >= 0 || value.indexOf('\0') >= 0) {
      throw Refusal.badParameter(
          PREFIX + "<key>", "characters", "must not hold the character U+0000");
    }
  }
}
