package io.aiopslab.tasks.api.operate;

import io.aiopslab.tasks.api.tasks.ReadTask;
import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.task.Task;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** The task whose callback is asked for. */
@Component
class FindCallback {
  private final ReadTask read;

  FindCallback(ReadTask read) {
    this.read = read;
  }

  /** A task that has a callback, and its URL. */
  record Owed(Task task, String url) {}

  /**
   * @throws Refusal if there is no such task, or it has no callback_url
   */
  Owed find(UUID id) {
    Task task = read.find(id);
    String url = task.spec().callbackUrl();
    if (url == null) {
      throw Refusal.notFound(
          "callback_not_found",
          "Task %s has no callback: submit a task with callback_url to be called back."
              .formatted(id));
    }
    return new Owed(task, url);
  }
}
