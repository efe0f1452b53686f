package io.aiopslab.tasks.api.submit;

import io.aiopslab.tasks.api.tasks.WarnOfUnplayable;
import io.aiopslab.tasks.store.TaskSubmissions;
import io.aiopslab.tasks.task.Task;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Submits the task that an interactive session is. */
@Component
public class SubmitSession {
  public static final String KEY_HEADER = Once.HEADER;
  public static final String KEY_DESCRIPTION = Once.DESCRIPTION;
  public static final String REPLAYED_HEADER = AnswerTask.REPLAYED;
  public static final String WARNINGS_DESCRIPTION = SubmittedTask.WARNINGS;

  private final TaskSubmissions submissions;
  private final AcceptTasks accept;
  private final WarnOfUnplayable warnings;

  SubmitSession(TaskSubmissions submissions, AcceptTasks accept, WarnOfUnplayable warnings) {
    this.submissions = submissions;
    this.accept = accept;
    this.warnings = warnings;
  }

  /**
   * @param replayed whether it is the task of an earlier, equal request
   * @param warnings what the submitter should look at; null where there is nothing
   */
  public record Submitted(Task task, boolean replayed, @Nullable List<String> warnings) {}

  /**
   * @param key the client's own, by which a repeat is known; null if it gave none
   * @throws io.aiopslab.tasks.api.web.Refusal if the key has been used for something else
   */
  public Submitted submit(@Nullable String key, SessionRequest request) {
    SubmitRequest task = request.toTask();
    AcceptTasks.Accepted accepted =
        accept.accept(
            Once.of(key, "session", task),
            1,
            (ids, trace) -> List.of(submissions.submit(ids.get(0), task.toSpec(), trace)));
    return new Submitted(
        accepted.tasks().get(0),
        accepted.replayed(),
        accepted.replayed() ? null : warnings.of(task.toSpec()));
  }
}
