package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.message.RunEventBody;
import io.aiopslab.tasks.task.LogLevel;
import io.aiopslab.tasks.worker.report.RunReport;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Everything that one run's process says, on its way into the report. */
final class RunnerTalk {
  private final RunReport report;
  private final RunnerMessages messages;
  private final Clock clock;
  private final int mostLogBytes;
  private final Consumer<LastWord> onLastWord;
  private final StderrTail stderr = new StderrTail();
  private final Map<String, Double> metrics = new LinkedHashMap<>();
  private @Nullable LastWord lastWord;
  private int turns;

  /**
   * @param onLastWord called once, when the runner has said how the run went
   */
  RunnerTalk(RunReport report, Clock clock, int mostLogBytes, Consumer<LastWord> onLastWord) {
    this.report = report;
    this.messages = new RunnerMessages(clock);
    this.clock = clock;
    this.mostLogBytes = mostLogBytes;
    this.onLastWord = onLastWord;
  }

  /** A line of standard output: a message, or else a log line. */
  void output(OutputLine line) {
    try {
      if (line.omitted() > 0 && line.text().startsWith("{\"type\":")) {
        throw new MalformedMessageException(
            "the runner wrote a message of %d bytes, of which the worker reads %d"
                .formatted(line.bytes().length + line.omitted(), line.bytes().length));
      }
      Optional<RunnerMessage> message = messages.read(line);
      if (message.isPresent()) {
        hear(message.get());
      } else {
        log(clock.instant(), LogLevel.INFO, line.forLog(mostLogBytes), null);
      }
    } catch (MalformedMessageException e) {
      log(clock.instant(), LogLevel.ERROR, line.forLog(mostLogBytes), null);
      decide(new LastWord.Malformed(String.valueOf(e.getMessage())));
    }
  }

  /** A line of standard error: a log line. */
  void error(OutputLine line) {
    String text = line.forLog(mostLogBytes);
    stderr.add(text);
    ObjectNode context = Json.mapper().createObjectNode().put("stream", "stderr");
    log(clock.instant(), LogLevel.INFO, text, context);
  }

  private void hear(RunnerMessage message) {
    if (message instanceof RunnerMessage.Logged line) {
      log(line.ts(), line.level(), line.message(), line.context());
    } else if (message instanceof RunnerMessage.Ready ready) {
      log(clock.instant(), LogLevel.DEBUG, "The runner is ready", ready.details());
    } else if (message instanceof RunnerMessage.Session session) {
      log(clock.instant(), LogLevel.DEBUG, "The problem is set up", session.details());
    } else if (message instanceof RunnerMessage.Phased phased) {
      report.say(new RunEventBody.PhaseEntered(phased.phase()));
    } else if (message instanceof RunnerMessage.Stepped stepped) {
      count(stepped);
      report.say(new RunEventBody.StepTaken(stepped.step()));
    } else if (message instanceof RunnerMessage.Measured measured) {
      remember(measured.values());
      report.say(new RunEventBody.Measured(measured.values()));
    } else if (message instanceof RunnerMessage.Result result) {
      log(clock.instant(), LogLevel.DEBUG, "The runner reported its result", result.details());
      remember(result.metrics());
      decide(new LastWord.Result(result));
    } else if (message instanceof RunnerMessage.Failed failed) {
      log(clock.instant(), LogLevel.ERROR, failed.message(), failed.details());
      decide(new LastWord.Failure(failed));
    }
  }

  private void log(Instant ts, LogLevel level, String message, @Nullable ObjectNode context) {
    long bytes = (long) message.length() + (context == null ? 0 : context.toString().length());
    report.log(new RunEventBody.Logged.Line(ts, level, message, context), bytes);
  }

  private synchronized void count(RunnerMessage.Stepped stepped) {
    if (stepped.step().role().equals("assistant")) {
      turns++;
    }
  }

  private synchronized void remember(Map<String, Double> values) {
    metrics.putAll(values);
  }

  private void decide(LastWord word) {
    synchronized (this) {
      if (lastWord != null) {
        return;
      }
      lastWord = word;
    }
    onLastWord.accept(word);
  }

  synchronized @Nullable LastWord lastWord() {
    return lastWord;
  }

  /** Agent turns so far. */
  synchronized int turns() {
    return turns;
  }

  /** Numbers by name, the latest of each. */
  synchronized Map<String, Double> metrics() {
    return Map.copyOf(metrics);
  }

  String stderrTail() {
    return stderr.text();
  }
}
