package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.message.RunEventBody;
import io.aiopslab.tasks.task.LogLevel;
import io.aiopslab.tasks.worker.report.RunReport;
import java.time.Clock;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The log of a run: lines as a process prints them, and those that are made for it. */
final class RawLog {
  private final RunReport report;
  private final Clock clock;
  private final int mostBytes;
  private final StderrTail stderr = new StderrTail();
  private final LevelGuess outputLevels = new LevelGuess();
  private final LevelGuess errorLevels = new LevelGuess();

  RawLog(RunReport report, Clock clock, int mostBytes) {
    this.report = report;
    this.clock = clock;
    this.mostBytes = mostBytes;
  }

  /** A line of standard output that is no message. */
  void output(OutputLine line) {
    String text = plain(line);
    add(clock.instant(), outputLevels.of(text), text, null);
  }

  /** A line of standard output that should not be there. */
  void wrong(OutputLine line) {
    add(clock.instant(), LogLevel.ERROR, plain(line), null);
  }

  /** A line of standard error. */
  void error(OutputLine line) {
    String text = plain(line);
    stderr.add(text);
    ObjectNode context = Json.mapper().createObjectNode().put("stream", "stderr");
    add(clock.instant(), errorLevels.of(text), text, context);
  }

  /** A line that the worker writes about the run. */
  void debug(String message, @Nullable ObjectNode context) {
    add(clock.instant(), LogLevel.DEBUG, message, context);
  }

  /** What the runner says about its own failure. */
  void failure(String message, @Nullable ObjectNode details) {
    add(clock.instant(), LogLevel.ERROR, message, details);
  }

  /** A line that has its level. */
  void add(Instant ts, LogLevel level, String message, @Nullable ObjectNode context) {
    long bytes = (long) message.length() + (context == null ? 0 : context.toString().length());
    report.log(new RunEventBody.Logged.Line(ts, level, message, context), bytes);
  }

  private String plain(OutputLine line) {
    return PlainText.of(PlainText.lastOverwrite(line.forLog(mostBytes)));
  }

  String stderrTail() {
    return stderr.text();
  }
}
