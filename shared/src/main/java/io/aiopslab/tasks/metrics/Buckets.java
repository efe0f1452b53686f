package io.aiopslab.tasks.metrics;

import java.time.Duration;
import java.util.stream.Stream;
import org.springframework.boot.convert.DurationStyle;

/** Bounds of histograms: few, as each of them is a series for each combination of labels. */
public final class Buckets {
  private Buckets() {}

  /** Of what takes milliseconds while all is well: 1 ms to 30 s. */
  public static Duration[] latency() {
    return durations(
        "1ms", "2ms", "5ms", "10ms", "25ms", "50ms", "100ms", "250ms", "500ms", "1s", "2s", "5s",
        "10s", "30s");
  }

  /** Of waiting for a worker: 10 ms to 12 h. */
  public static Duration[] waiting() {
    return durations(
        "10ms", "50ms", "250ms", "1s", "5s", "15s", "1m", "5m", "15m", "1h", "3h", "12h");
  }

  /** Of runs, which may take 3 h. */
  public static Duration[] running() {
    return durations(
        "1s", "5s", "15s", "30s", "1m", "2m", "5m", "10m", "20m", "30m", "1h", "2h", "3h");
  }

  private static Duration[] durations(String... texts) {
    return Stream.of(texts).map(DurationStyle.SIMPLE::parse).toArray(Duration[]::new);
  }
}
