package io.aiopslab.tasks.api.submit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * SHA-256 of what a JSON value says, not of how it is written: spacing, the order of members and
 * the notation of numbers make no difference. It is compared with stored ones: its form must stay.
 */
final class CanonicalHash {
  private final StringBuilder text = new StringBuilder();

  private CanonicalHash() {}

  /**
   * @return lower-case hexadecimal
   */
  static String of(String call, JsonNode value) {
    CanonicalHash canonical = new CanonicalHash();
    canonical.string(call);
    canonical.value(value);
    try {
      byte[] bytes = canonical.text.toString().getBytes(UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private void value(JsonNode value) {
    if (value.isObject()) {
      Map<String, JsonNode> sorted = new TreeMap<>();
      value.properties().forEach(member -> sorted.put(member.getKey(), member.getValue()));
      text.append('{');
      sorted.forEach(
          (name, member) -> {
            string(name);
            value(member);
          });
      text.append('}');
    } else if (value.isArray()) {
      text.append('[');
      value.forEach(this::value);
      text.append(']');
    } else if (value.isString()) {
      string(value.stringValue());
    } else if (value.isNumber()) {
      text.append(value.decimalValue().stripTrailingZeros()).append(';');
    } else {
      text.append(value).append(';');
    }
  }

  /** With its length, so that no text can look like structure. */
  private void string(String string) {
    text.append('"').append(string.length()).append(':').append(string);
  }
}
