package io.aiopslab.tasks.worker.command;

import io.aiopslab.tasks.store.TaskCancels;
import io.aiopslab.tasks.worker.settings.ClusterSettings;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import java.util.List;
import org.springframework.stereotype.Component;

/** Asks the database which runs shall end: what the broker said, or could not say. */
@Component
public class CancelledSessions {
  private final TaskCancels cancels;
  private final ObeyCommand obeyCommand;
  private final List<String> workers;

  CancelledSessions(TaskCancels cancels, ObeyCommand obeyCommand, WorkerSettings settings) {
    this.cancels = cancels;
    this.obeyCommand = obeyCommand;
    this.workers = settings.clusters().stream().map(ClusterSettings::name).toList();
  }

  /** To be called with every heartbeat. */
  public void look() {
    cancels.sessionsOf(workers).forEach(obeyCommand::cancel);
  }
}
