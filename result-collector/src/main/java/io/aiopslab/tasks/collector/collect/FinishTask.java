package io.aiopslab.tasks.collector.collect;

import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.message.RunEventBody.Finished;
import io.aiopslab.tasks.store.Evidence;
import io.aiopslab.tasks.store.TaskEndings;
import io.aiopslab.tasks.store.TaskResults;
import io.micrometer.core.instrument.MeterRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** running → completed, failed or cancelled, as the run reports it; its result is kept with it. */
@Component
class FinishTask {
  private static final Logger log = LoggerFactory.getLogger(FinishTask.class);

  private final TaskEndings endings;
  private final TaskResults results;
  private final Evidence evidence;
  private final MeterRegistry meters;

  FinishTask(TaskEndings endings, TaskResults results, Evidence evidence, MeterRegistry meters) {
    this.endings = endings;
    this.results = results;
    this.evidence = evidence;
    this.meters = meters;
  }

  void finish(RunEvent event, Finished finished) {
    switch (endings.finish(
        event.taskId(),
        event.sessionId(),
        finished.status(),
        finished.failureCode(),
        finished.errorDetails())) {
      case APPLIED -> {
        results.record(
            event.taskId(), event.sessionId(), event.seq(), event.at(), finished.result());
        meters.counter("aiopslab.tasks.finished", "status", finished.status().wire()).increment();
      }
      case STALE -> {
        if (results.isRecorded(event.taskId(), event.sessionId())) {
          meters.counter("aiopslab.events.repeated").increment();
        } else {
          keep(event, "task_had_ended");
        }
      }
      case UNKNOWN -> keep(event, "unknown_task");
    }
  }

  private void keep(RunEvent event, String reason) {
    evidence.keepStale(event, reason);
    meters.counter("aiopslab.events.stale").increment();
    log.warn(
        "The result of task {}, session {}, came too late and was not applied: {}",
        event.taskId(),
        event.sessionId(),
        reason);
  }
}
