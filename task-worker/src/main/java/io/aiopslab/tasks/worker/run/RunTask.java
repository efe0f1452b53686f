package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.message.RunEventBody;
import io.aiopslab.tasks.message.RunEventBody.Finished;
import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.worker.report.RunReport;
import io.aiopslab.tasks.worker.report.RunReports;
import io.aiopslab.tasks.worker.settings.ClusterSettings;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Runs one task from its claim to its last event. */
@Component
public class RunTask {
  private static final Logger log = LoggerFactory.getLogger(RunTask.class);

  private final WorkerSettings settings;
  private final RunnerCommand commands;
  private final ScratchDirectories scratches;
  private final RunReports reports;
  private final ActiveRuns active;
  private final Clock clock;
  private final MeterRegistry meters;

  RunTask(
      WorkerSettings settings,
      RunnerCommand commands,
      ScratchDirectories scratches,
      RunReports reports,
      ActiveRuns active,
      Clock clock,
      MeterRegistry meters) {
    this.settings = settings;
    this.commands = commands;
    this.scratches = scratches;
    this.reports = reports;
    this.active = active;
    this.clock = clock;
    this.meters = meters;
  }

  /** Returns when the run is over, nothing of it is left, and its last event is in the spool. */
  public void run(RunPlace place, Claim claim) throws InterruptedException {
    ClusterSettings cluster = place.cluster();
    RunReport report = reports.open(claim.task(), claim.run());
    report.say(new RunEventBody.Started());
    RunEnd end = new RunEnd();
    RunnerTalk talk =
        new RunnerTalk(
            report,
            clock,
            mostLogBytes(),
            word -> afterLastWord(word, end, settings.killGrace(cluster)));
    Verdict verdict = new Verdict(cluster.environment(), talk);
    active.add(end);
    try {
      LongFunction<Finished> finished = supervise(place, claim, end, talk, verdict);
      verdict.attest(place.attestation().get());
      report.finish(finished);
    } catch (IOException e) {
      log.error("Task {} could not be started", claim.task().id(), e);
      String why =
          "the runner could not be started (%s); check python and the scratch directory of cluster %s, then retry the task"
              .formatted(e.getMessage(), cluster.name());
      verdict.attest(place.attestation().get());
      report.finish(lines -> verdict.failed(FailureCode.RUNNER_CRASHED, why, lines));
    } catch (InterruptedException e) {
      report.finish(lines -> verdict.on(null, EndCause.WORKER_SHUTDOWN, 0, Duration.ZERO, lines));
      throw e;
    } finally {
      active.remove(end);
    }
  }

  private LongFunction<Finished> supervise(
      RunPlace place, Claim claim, RunEnd end, RunnerTalk talk, Verdict verdict)
      throws IOException, InterruptedException {
    ClusterSettings cluster = place.cluster();
    Duration timeout = settings.minute().multipliedBy(claim.task().spec().timeoutMinutes());
    Path scratch = scratches.create("run");
    try {
      RunnerProcess process = start(place, claim, scratch);
      try {
        OutputReaders readers = new OutputReaders(settings, process, talk, end);
        process.send(RunRequest.of(claim.task(), claim.run(), cluster, timeout).toBytes());
        process.onExit(() -> end.because(EndCause.EXITED));

        EndCause cause = end.await(claim.claimedNanos() + timeout.toNanos() - System.nanoTime());
        LastWord inTime = talk.lastWord();
        process.end(settings.killGrace(cluster));
        readers.await();

        meters.counter("aiopslab.worker.runner.exits", "cause", cause.tag()).increment();
        log.info("The runner of task {} ended ({})", claim.task().id(), cause.tag());
        LastWord word = cause == EndCause.EXITED ? talk.lastWord() : inTime;
        return lines -> verdict.on(word, cause, process.exitStatus(), timeout, lines);
      } finally {
        process.close();
      }
    } finally {
      ScratchDirectories.delete(scratch);
    }
  }

  private RunnerProcess start(RunPlace place, Claim claim, Path scratch) throws IOException {
    return RunnerProcess.start(
        commands.command(place.cluster()),
        scratch,
        commands.environment(
            place.cluster(), claim.task(), claim.run(), scratch, place.kubeconfig()));
  }

  /** A runner that has said how the run went has nothing left to do but to end. */
  private static void afterLastWord(LastWord word, RunEnd end, Duration grace) {
    if (word instanceof LastWord.Malformed) {
      end.because(EndCause.PROTOCOL_ERROR);
      return;
    }
    CompletableFuture.delayedExecutor(grace.toMillis(), TimeUnit.MILLISECONDS)
        .execute(() -> end.because(EndCause.LINGERED));
  }

  private int mostLogBytes() {
    return (int) settings.maxLogLine().toBytes();
  }
}
