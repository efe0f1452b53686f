package io.aiopslab.tasks.worker.report;

import io.aiopslab.tasks.loop.Threads;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.trace.TaskTraces;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import jakarta.annotation.PreDestroy;
import java.time.Clock;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Opens the report of each run. */
@Component
public class RunReports {
  private static final Logger log = LoggerFactory.getLogger(RunReports.class);
  private static final long FLUSH_MILLIS = 100;

  private final EventSpool spool;
  private final TaskTraces traces;
  private final Clock clock;
  private final long maxLogBytes;
  private final ScheduledExecutorService flusher;

  RunReports(EventSpool spool, TaskTraces traces, Clock clock, WorkerSettings settings) {
    this.spool = spool;
    this.traces = traces;
    this.clock = clock;
    this.maxLogBytes = settings.maxRunLog().toBytes();
    this.flusher = Threads.timer("log-flush");
  }

  /** For a session that has an outbox in the spool; what it says continues this thread's trace. */
  public RunReport open(Task task, Task.Run run) {
    spool.trace(run.sessionId(), traces.current());
    return new RunReport(
        task.id(), run.sessionId(), run.workerId(), spool, clock, maxLogBytes, this::flushSoon);
  }

  private Runnable flushSoon(RunReport report) {
    return () -> {
      var unused = flusher.schedule(() -> flush(report), FLUSH_MILLIS, TimeUnit.MILLISECONDS);
    };
  }

  private static void flush(RunReport report) {
    try {
      report.flush();
    } catch (RuntimeException | Error e) {
      log.error("Log lines could not be put into the spool", e);
    }
  }

  @PreDestroy
  void close() {
    flusher.shutdownNow();
  }
}
