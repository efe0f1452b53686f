package io.aiopslab.tasks.api.web;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** How parameters and fields of bodies are read, and what is said of one that cannot be. */
public final class ExpectedValue {
  private static final Pattern UUID_FORM =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private ExpectedValue() {}

  /** What a value of this type must be, without a word of Java. */
  public static String of(Class<?> type) {
    if (type == UUID.class) {
      return "must be a UUID such as 0199d2b4-5c1e-7abc-8def-0123456789ab";
    }
    if (type == Instant.class) {
      return "must be an RFC 3339 time such as 2026-11-23T08:00:00Z";
    }
    if (type == Boolean.class || type == boolean.class) {
      return "must be true or false";
    }
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
          .collect(Collectors.joining(", ", "must be one of ", ""));
    }
    if (type == Double.class || type == double.class) {
      return "must be a number";
    }
    if (Number.class.isAssignableFrom(type) || type == int.class || type == long.class) {
      return "must be an integer";
    }
    if (type == String.class) {
      return "must be a string";
    }
    return Collection.class.isAssignableFrom(type) ? "must be a list" : "must be an object";
  }

  /**
   * As RFC 9562 writes it; Java would also read {@code 1-1-1-1-1}.
   *
   * @throws IllegalArgumentException if it has another form
   */
  public static UUID uuid(String text) {
    if (!UUID_FORM.matcher(text).matches()) {
      throw new IllegalArgumentException("not a UUID");
    }
    return UUID.fromString(text);
  }

  /**
   * Only the years 1 to 9999, which RFC 3339 and PostgreSQL both know.
   *
   * @throws java.time.DateTimeException if it has another form
   * @throws IllegalArgumentException if it is of another year
   */
  public static Instant instant(String text) {
    OffsetDateTime time = OffsetDateTime.parse(text);
    if (time.getYear() < 1 || time.getYear() > 9999) {
      throw new IllegalArgumentException("year out of range");
    }
    return time.toInstant();
  }
}
