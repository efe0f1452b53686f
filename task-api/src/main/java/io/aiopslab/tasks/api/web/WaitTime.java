package io.aiopslab.tasks.api.web;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The parameter {@code wait}: {@code 500ms}, {@code 30s}, {@code 1m}. */
public final class WaitTime {
  private static final Duration LONGEST = Duration.ofSeconds(60);
  private static final Pattern FORM = Pattern.compile("([0-9]{1,6})(ms|s|m)");

  private WaitTime() {}

  /**
   * @return no time at all if nothing was given
   * @throws Refusal if it has another form or is longer than a minute
   */
  public static Duration parse(@Nullable String text) {
    if (text == null) {
      return Duration.ZERO;
    }
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw Refusal.badParameter(
          "wait", "format", "must be a time such as 500ms, 30s or 1m, at most 60s");
    }
    long amount = Long.parseLong(matcher.group(1));
    Duration wait =
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(amount);
          case "s" -> Duration.ofSeconds(amount);
          default -> Duration.ofMinutes(amount);
        };
    if (wait.compareTo(LONGEST) > 0) {
      throw Refusal.badParameter("wait", "range", "must be at most 60s");
    }
    return wait;
  }
}
