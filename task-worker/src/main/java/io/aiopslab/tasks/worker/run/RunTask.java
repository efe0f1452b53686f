package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.failpoint.Failpoint;
import io.aiopslab.tasks.message.RunEventBody.Finished;
import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.worker.report.RunReport;
import io.aiopslab.tasks.worker.report.RunReports;
import io.aiopslab.tasks.worker.report.SpoolFullException;
import io.aiopslab.tasks.worker.settings.ClusterSettings;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Runs one task from its claim to its last event. */
@Component
public class RunTask {
  private static final Logger log = LoggerFactory.getLogger(RunTask.class);

  private final WorkerSettings settings;
  private final Programs programs;
  private final RunVariables variables;
  private final RunDirectories directories;
  private final RunReports reports;
  private final ActiveRuns active;
  private final StepReplies replies;
  private final RunnerExits exits;

  RunTask(
      WorkerSettings settings,
      Programs programs,
      RunVariables variables,
      RunDirectories directories,
      RunReports reports,
      ActiveRuns active,
      StepReplies replies,
      MeterRegistry meters) {
    this.settings = settings;
    this.programs = programs;
    this.variables = variables;
    this.directories = directories;
    this.reports = reports;
    this.active = active;
    this.replies = replies;
    this.exits = new RunnerExits(meters);
  }

  /** How the process of a run ended, once nothing of it is left. */
  private record Ended(LongFunction<Finished> finished, Aftermath aftermath) {}

  /**
   * Returns when the run is over, nothing of it is left, and its last event is in the spool.
   *
   * @return what is left in the cluster
   */
  public Aftermath run(RunPlace place, Claim claim) throws InterruptedException {
    ClusterSettings cluster = place.cluster();
    Failpoint.AFTER_CLAIM_BEFORE_SPAWN.reached();
    RunReport report = reports.open(claim.task(), claim.run());
    report.start();
    RunEnd end = new RunEnd();
    Conversation conversation = conversation(claim, end);
    Talk talk =
        programs
            .of(cluster)
            .listen(
                report,
                conversation,
                word -> afterLastWord(word, end, settings.killGrace(cluster)));
    Verdict verdict = new Verdict(cluster.environment(), talk);
    UUID session = claim.run().sessionId();
    active.add(session, end);
    if (conversation != null) {
      active.add(session, conversation);
    }
    try {
      Ended ended = supervise(place, claim, end, conversation, talk, verdict);
      verdict.attest(place.attestation().get());
      Failpoint.AFTER_EXIT_BEFORE_RESULT.reached();
      report.finish(ended.finished());
      return ended.aftermath();
    } catch (IOException e) {
      log.error("Task {} could not be started", claim.task().id(), e);
      String why =
          "the runner could not be started (%s); check python and the scratch directory of cluster %s, then retry the task"
              .formatted(e.getMessage(), cluster.name());
      verdict.attest(place.attestation().get());
      report.finish(lines -> verdict.failed(FailureCode.RUNNER_CRASHED, why, lines));
      return Aftermath.NONE;
    } catch (InterruptedException e) {
      report.finish(lines -> verdict.on(null, EndCause.WORKER_SHUTDOWN, 0, Duration.ZERO, lines));
      throw e;
    } catch (SpoolFullException e) {
      throw e; // what cannot be kept cannot be told either: the slot waits for room
    } catch (RuntimeException | Error e) {
      log.error("Task {} met a defect of this worker", claim.task().id(), e);
      String why =
          "the worker met a defect of its own (%s); look into its log, report it, then retry the task"
              .formatted(e);
      report.finish(lines -> verdict.failed(FailureCode.INTERNAL, why, lines));
      return Aftermath.UNKNOWN;
    } finally {
      active.remove(session);
      if (conversation != null) {
        conversation.end();
      }
    }
  }

  private @Nullable Conversation conversation(Claim claim, RunEnd end) {
    return Conversation.isNeededFor(claim.task())
        ? new Conversation(
            claim.task(),
            claim.run(),
            Conversation.idleTimeoutOf(claim.task()),
            replies::send,
            () -> end.because(EndCause.IDLE))
        : null;
  }

  private Ended supervise(
      RunPlace place,
      Claim claim,
      RunEnd end,
      @Nullable Conversation conversation,
      Talk talk,
      Verdict verdict)
      throws IOException, InterruptedException {
    ClusterSettings cluster = place.cluster();
    Duration timeout = settings.minute().multipliedBy(claim.task().spec().timeoutMinutes());
    RunRequest request =
        RunRequest.of(
            claim.task(),
            claim.run(),
            cluster,
            timeout,
            settings.modelKeys(),
            settings.passEnvironment());
    RunDirectory directory = directories.create(cluster, place.kubeconfig());
    try {
      RunnerProcess process = start(cluster, request, directory);
      try {
        if (conversation != null) {
          conversation.connect(process::send);
        }
        OutputReaders readers = new OutputReaders(settings, process, talk, end);
        process.send(request.toBytes());
        process.onExit(() -> end.because(EndCause.EXITED));

        EndCause cause = end.await(claim.claimedNanos() + timeout.toNanos() - System.nanoTime());
        LastWord inTime = talk.lastWord();
        process.end(settings.killGrace(cluster));
        readers.await();

        exits.count(cause);
        log.info("The runner of task {} ended ({})", claim.task().id(), cause.tag());
        LastWord word =
            cause == EndCause.EXITED ? talk.lastWord(process.exitStatus(), directory) : inTime;
        int status = process.exitStatus();
        return new Ended(
            lines -> verdict.on(word, cause, status, timeout, lines), talk.aftermath(status));
      } finally {
        process.close();
      }
    } finally {
      directories.delete(directory);
    }
  }

  private RunnerProcess start(ClusterSettings cluster, RunRequest request, RunDirectory directory)
      throws IOException {
    Map<String, String> environment = variables.of(request, directory);
    Program program = programs.of(cluster);
    environment.putAll(program.variables(cluster, request, directory));
    return RunnerProcess.start(
        request.sessionId(), program.command(cluster), directory.work(), environment);
  }

  /** A runner that has said how the run went has nothing left to do but to end. */
  private static void afterLastWord(LastWord word, RunEnd end, Duration grace) {
    end.decided();
    if (word instanceof LastWord.Malformed) {
      end.because(EndCause.PROTOCOL_ERROR);
      return;
    }
    CompletableFuture.delayedExecutor(grace.toMillis(), TimeUnit.MILLISECONDS)
        .execute(() -> end.because(EndCause.LINGERED));
  }
}
