package io.aiopslab.tasks.task;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The place in a trace that work continues from, as the header {@code traceparent} of W3C Trace
 * Context says it.
 *
 * @param traceId 32 hexadecimal digits, not all 0
 * @param spanId 16 hexadecimal digits, not all 0
 * @param sampled whether who began the trace records it
 */
public record TraceParent(String traceId, String spanId, boolean sampled) {
  /** Of the header, in HTTP and at the broker. */
  public static final String HEADER = "traceparent";

  /** Of the environment variable, in the processes of a run. */
  public static final String VARIABLE = "TRACEPARENT";

  /** In characters, or bytes of UTF-8. */
  public static final int LENGTH = 55;

  private static final Pattern FORM =
      Pattern.compile("00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f][0-9a-f])");

  /**
   * @return null for anything but a header of version 00: the work then begins a trace of its own
   */
  public static @Nullable TraceParent parse(@Nullable String header) {
    if (header == null || header.length() != LENGTH) {
      return null;
    }
    Matcher parts = FORM.matcher(header);
    if (!parts.matches()) {
      return null;
    }
    boolean sampled = (Integer.parseInt(parts.group(3), 16) & 1) == 1;
    return new TraceParent(parts.group(1), parts.group(2), sampled);
  }

  /** The header's value. */
  public String header() {
    return "00-" + traceId + "-" + spanId + (sampled ? "-01" : "-00");
  }
}
