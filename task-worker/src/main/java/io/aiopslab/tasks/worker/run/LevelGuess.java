package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.task.LogLevel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The level of each line of one stream, from how the line begins and what came before it. */
final class LevelGuess {
  private static final String TRACEBACK = "Traceback (most recent call last):";

  private static final List<String> ERRORS =
      List.of(
          "Error from server",
          "Error response from daemon",
          "Exception ",
          "Exception:",
          "Unhandled exception",
          "During handling of the above exception",
          "The above exception was the direct cause");

  private @Nullable LogLevel continued;
  private boolean inTraceback;

  LogLevel of(String line) {
    if (line.isBlank()) {
      continued = inTraceback ? continued : null;
      return LogLevel.INFO;
    }
    if (continued != null && Character.isWhitespace(line.charAt(0))) {
      return continued;
    }
    boolean closes = inTraceback && isException(line);
    inTraceback = line.endsWith(TRACEBACK);
    LogLevel said = said(line);
    LogLevel level = said == null && (closes || inTraceback) ? LogLevel.ERROR : said;
    continued = level == LogLevel.ERROR || level == LogLevel.WARNING ? level : null;
    return level == null ? LogLevel.INFO : level;
  }

  /** The line that ends a traceback: a dotted name, alone or with a colon behind it. */
  private static boolean isException(String line) {
    int end = 0;
    while (end < line.length()
        && (Character.isJavaIdentifierPart(line.charAt(end)) || line.charAt(end) == '.')) {
      end++;
    }
    return end > 0 && (end == line.length() || line.charAt(end) == ':');
  }

  private static @Nullable LogLevel said(String line) {
    String start = line.stripLeading();
    if (ERRORS.stream().anyMatch(start::startsWith)) {
      return LogLevel.ERROR;
    }
    LogLevel klog = klog(start);
    return klog == null ? new LinePrefix(start).level() : klog;
  }

  /** {@code E1123 10:00:00.123456 …}, as kubectl and helm print. */
  private static @Nullable LogLevel klog(String line) {
    if (line.length() < 9 || line.charAt(5) != ' ' || line.charAt(8) != ':') {
      return null;
    }
    for (int i = 1; i < 8; i++) {
      if (i != 5 && !isDigit(line.charAt(i))) {
        return null;
      }
    }
    return switch (line.charAt(0)) {
      case 'I' -> LogLevel.INFO;
      case 'W' -> LogLevel.WARNING;
      case 'E', 'F' -> LogLevel.ERROR;
      default -> null;
    };
  }

  static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
