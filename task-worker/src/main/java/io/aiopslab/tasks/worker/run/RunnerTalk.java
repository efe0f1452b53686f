package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.message.RunEventBody;
import io.aiopslab.tasks.worker.report.RunReport;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Understands the runner's protocol; whatever else its process prints is log. */
final class RunnerTalk implements Talk {
  private final RunReport report;
  private final RawLog log;
  private final RunnerMessages messages;
  private final @Nullable Conversation conversation;
  private final Consumer<LastWord> onLastWord;
  private final Map<String, Double> metrics = new LinkedHashMap<>();
  private @Nullable LastWord lastWord;
  private @Nullable ObjectNode attestation;
  private int turns;
  private boolean begun;

  /**
   * @param conversation with whoever acts in an interactive session; null in any other run
   * @param onLastWord called once, when the runner has said how the run went
   */
  RunnerTalk(
      RunReport report,
      Clock clock,
      int mostLogBytes,
      @Nullable Conversation conversation,
      Consumer<LastWord> onLastWord) {
    this.report = report;
    this.log = new RawLog(report, clock, mostLogBytes);
    this.messages = new RunnerMessages(clock);
    this.conversation = conversation;
    this.onLastWord = onLastWord;
  }

  /** A line of standard output: a message, or else a log line. */
  @Override
  public void output(OutputLine line) {
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
        log.output(line);
      }
    } catch (MalformedMessageException e) {
      log.wrong(line);
      decide(new LastWord.Malformed(String.valueOf(e.getMessage())));
    }
  }

  @Override
  public void error(OutputLine line) {
    log.error(line);
  }

  private void hear(RunnerMessage message) {
    if (message instanceof RunnerMessage.Logged line) {
      log.add(line.ts(), line.level(), PlainText.of(line.message()), line.context());
    } else if (message instanceof RunnerMessage.Ready ready) {
      log.debug("The runner is ready", ready.details());
    } else if (message instanceof RunnerMessage.Session session) {
      log.debug("The problem is set up", null);
      report.say(new RunEventBody.Briefed(session.briefing()));
    } else if (message instanceof RunnerMessage.Awaiting awaiting) {
      if (conversation != null) {
        conversation.await(awaiting.index());
      }
    } else if (message instanceof RunnerMessage.Phased phased) {
      begin();
      report.say(new RunEventBody.PhaseEntered(phased.phase()));
    } else if (message instanceof RunnerMessage.Stepped stepped) {
      count(stepped);
      if (conversation != null && stepped.step().role().equals("env")) {
        conversation.observe(stepped.step());
      }
      report.say(new RunEventBody.StepTaken(stepped.step()));
    } else if (message instanceof RunnerMessage.Attested attested) {
      attest(attested.facts());
    } else if (message instanceof RunnerMessage.Measured measured) {
      remember(measured.values());
      report.say(new RunEventBody.Measured(measured.values()));
    } else if (message instanceof RunnerMessage.AiopslabResult result) {
      report.say(new RunEventBody.AiopslabResult(result.content()));
    } else if (message instanceof RunnerMessage.Result result) {
      log.debug("The runner reported its result", result.details());
      remember(result.metrics());
      decide(new LastWord.Result(result));
    } else if (message instanceof RunnerMessage.Failed failed) {
      log.failure(failed.message(), failed.details());
      decide(new LastWord.Failure(failed));
    }
  }

  private synchronized void count(RunnerMessage.Stepped stepped) {
    if (stepped.step().role().equals("assistant")) {
      turns++;
    }
  }

  private synchronized void begin() {
    begun = true;
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

  @Override
  public synchronized @Nullable LastWord lastWord() {
    return lastWord;
  }

  @Override
  public @Nullable LastWord lastWord(int exitStatus, RunDirectory directory) {
    return lastWord();
  }

  @Override
  public synchronized int turns() {
    return turns;
  }

  @Override
  public synchronized Map<String, Double> metrics() {
    return Map.copyOf(metrics);
  }

  @Override
  public synchronized @Nullable ObjectNode attestation() {
    return attestation;
  }

  private synchronized void attest(ObjectNode facts) {
    attestation = facts;
  }

  /** Before its first phase a runner touches nothing. */
  @Override
  public synchronized Aftermath aftermath(int exitStatus) {
    return begun || attestation != null ? Aftermath.of(attestation) : Aftermath.NONE;
  }

  @Override
  public String stderrTail() {
    return log.stderrTail();
  }
}
