package io.aiopslab.tasks.api.workers;

import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.store.Workers;
import io.aiopslab.tasks.task.RegisteredWorker;
import io.aiopslab.tasks.task.TaskSpec;
import org.springframework.stereotype.Component;

/** A worker by its name, or the problem that there is none. */
@Component
public class FindWorker {
  private final Workers workers;
  private final WorkerListSettings settings;

  FindWorker(Workers workers, WorkerListSettings settings) {
    this.workers = workers;
    this.settings = settings;
  }

  /**
   * @throws Refusal if there is no such worker
   */
  public RegisteredWorker find(String id) {
    return workers.find(known(id), settings.offlineAfter()).orElseThrow(() -> notFound(id));
  }

  /**
   * What is no name of a cluster is not looked for: PostgreSQL does not take every text.
   *
   * @throws Refusal if it cannot be the name of a worker
   */
  public static String known(String id) {
    if (!id.matches(TaskSpec.LABEL_PATTERN)) {
      throw notFound(id);
    }
    return id;
  }

  public static Refusal notFound(String id) {
    return Refusal.notFound(
        "worker_not_found",
        "There is no worker %s; GET /api/v1/workers lists those that exist.".formatted(id));
  }
}
