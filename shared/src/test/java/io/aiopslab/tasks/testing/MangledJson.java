package io.aiopslab.tasks.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Messages as no honest sender makes them, from valid ones and a seeded generator. */
public final class MangledJson {
  private static final Pattern VALUE =
      Pattern.compile(":(\"[^\"]*\"|-?[0-9][0-9.eE+-]*|true|false|null)");

  private static final List<String> OTHER_VALUES =
      List.of(
          "null",
          "[]",
          "{}",
          "\"x\"",
          "true",
          "-1",
          "0.5",
          "1e400",
          "-1e400",
          "1e4000000000",
          "1e-4000000000",
          "1e2147483648",
          "9223372036854775808",
          "\"\\u0000\"",
          "\"\\ud800\"",
          "[[[[]]]]",
          "NaN",
          "\"+1000000000-01-01T00:00:00Z\"",
          "\"NaN\"",
          "\"Infinity\"");

  private final Random random;

  public MangledJson(Random random) {
    this.random = random;
  }

  /** Something that may or may not be readable still. */
  public byte[] mangle(byte[] valid) {
    return switch (random.nextInt(8)) {
      case 0 -> randomBytes();
      case 1 -> Arrays.copyOf(valid, random.nextInt(valid.length));
      case 2, 3 -> flipped(valid);
      case 4 -> nested();
      case 5 -> withValue(valid, huge());
      default -> withValue(valid, OTHER_VALUES.get(random.nextInt(OTHER_VALUES.size())));
    };
  }

  private byte[] randomBytes() {
    byte[] bytes = new byte[random.nextInt(2_000)];
    random.nextBytes(bytes);
    return bytes;
  }

  private byte[] flipped(byte[] valid) {
    byte[] bytes = valid.clone();
    for (int flips = 1 + random.nextInt(8); flips > 0; flips--) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }

  private byte[] nested() {
    int depth = random.nextInt(20) == 0 ? 100_000 : 500 + random.nextInt(1_000);
    return switch (random.nextInt(3)) {
      case 0 -> "[".repeat(depth).getBytes(UTF_8);
      case 1 ->
          ("{\"v\":1,\"body\":" + "[".repeat(depth) + "]".repeat(depth) + "}").getBytes(UTF_8);
      default -> "{\"body\":".repeat(depth).getBytes(UTF_8);
    };
  }

  /** Mostly not so huge, so that thousands take seconds. */
  private String huge() {
    int length = random.nextInt(50) == 0 ? 1 << 20 : 1_000 + random.nextInt(3_000);
    return random.nextBoolean() ? "9".repeat(length) : "\"" + "x".repeat(length) + "\"";
  }

  private byte[] withValue(byte[] valid, String other) {
    String json = new String(valid, UTF_8);
    Matcher values = VALUE.matcher(json);
    int wanted = random.nextInt((int) Math.max(1, values.results().count()));
    values.reset();
    for (int i = 0; values.find(); i++) {
      if (i == wanted) {
        return (json.substring(0, values.start(1)) + other + json.substring(values.end(1)))
            .getBytes(UTF_8);
      }
    }
    return other.getBytes(UTF_8);
  }
}
