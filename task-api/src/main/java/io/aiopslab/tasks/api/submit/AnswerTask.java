package io.aiopslab.tasks.api.submit;

import io.aiopslab.tasks.api.tasks.ReadTask;
import io.aiopslab.tasks.api.tasks.WarnOfUnplayable;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.view.TaskView;
import java.net.URI;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;

/** The answer to a submission of one task. */
@Component
class AnswerTask {
  static final String REPLAYED = "Idempotency-Replayed";

  private final ReadTask read;
  private final WarnOfUnplayable warnings;

  AnswerTask(ReadTask read, WarnOfUnplayable warnings) {
    this.read = read;
    this.warnings = warnings;
  }

  /** 201 with a new task, 200 with the first one, as it is now, for a repeat. */
  ResponseEntity<SubmittedTask> with(AcceptTasks.Accepted accepted) {
    Task task = accepted.tasks().get(0);
    URI location = URI.create("/api/v1/tasks/" + task.id());
    return accepted.replayed()
        ? ResponseEntity.ok()
            .location(location)
            .header(REPLAYED, "true")
            .body(new SubmittedTask(read.view(task, false), null))
        : ResponseEntity.created(location)
            .body(new SubmittedTask(TaskView.fresh(task), warnings.of(task.spec())));
  }
}
