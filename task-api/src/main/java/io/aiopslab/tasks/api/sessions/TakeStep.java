package io.aiopslab.tasks.api.sessions;

import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.store.SessionActions;
import io.aiopslab.tasks.store.SessionActions.Order;
import io.aiopslab.tasks.store.SessionActions.Taken;
import io.aiopslab.tasks.store.Sessions.Known;
import io.aiopslab.tasks.store.TaskResults;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskStatus;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/** Whether an action is new, a repeat or a mistake: the database decides, before anybody acts. */
@Component
class TakeStep {
  private final SessionActions actions;
  private final FindSession sessions;
  private final TaskResults results;

  TakeStep(SessionActions actions, FindSession sessions, TaskResults results) {
    this.actions = actions;
    this.sessions = sessions;
    this.results = results;
  }

  /**
   * Either of the two.
   *
   * @param order what the run has to be told; null once there is an answer, or where only time
   *     brings one
   */
  record Outcome(StepView view, @Nullable Order order) {}

  /**
   * @throws Refusal if the session takes no such action
   */
  Outcome take(UUID id, int index, String action) {
    Optional<Order> fresh = actions.take(id, index, action);
    if (fresh.isPresent()) {
      return new Outcome(StepView.unanswered(index), fresh.get());
    }
    Known session = sessions.find(id);
    Taken earlier = actions.find(id, index).orElse(null);
    if (earlier == null) {
      throw refusal(session, index);
    }
    if (!earlier.action().equals(action)) {
      throw Refusal.conflict(
          "index_used",
          "Step %d of session %s was another action; the next index is %s."
              .formatted(index, id, session.lastIndex() + 1));
    }
    return outcome(session.task(), earlier);
  }

  /**
   * @throws Refusal if there was no such action, or it will never be answered
   */
  Outcome find(UUID id, int index) {
    Known session = sessions.find(id);
    return outcome(
        session.task(),
        actions
            .find(id, index)
            .orElseThrow(
                () ->
                    Refusal.notFound(
                        "step_not_found",
                        "Session %s has had no step %d; it has had %d."
                            .formatted(id, index, session.lastIndex() + 1))));
  }

  private Outcome outcome(Task task, Taken taken) {
    if (taken.answeredAt() != null) {
      return new Outcome(
          StepView.of(taken, taken.done() ? results.find(task.id()).orElse(null) : null), null);
    }
    Task.Run run = task.run();
    if (task.status() == TaskStatus.RUNNING && run != null) {
      return new Outcome(
          StepView.unanswered(taken.index()),
          new Order(run.workerId(), task.id(), run.sessionId(), taken.index(), taken.action()));
    }
    if (task.status() != TaskStatus.COMPLETED) {
      throw over(task);
    }
    actions.end(task.id(), taken.index());
    Taken ended = actions.find(task.id(), taken.index()).orElse(taken);
    return new Outcome(StepView.of(ended, results.find(task.id()).orElse(null)), null);
  }

  private static Refusal refusal(Known session, int index) {
    Task task = session.task();
    if (task.status().isTerminal() || task.cancel() != null) {
      return over(task);
    }
    if (session.briefing() == null) {
      return Refusal.conflict(
          "session_not_open",
          "Session %s is %s; GET it with wait until it is open."
              .formatted(task.id(), SessionState.of(session).wire()));
    }
    if (session.isStepping()) {
      return Refusal.conflict(
          "step_unanswered",
          "Step %d of session %s has no answer yet; GET it with wait before you send another."
              .formatted(session.lastIndex(), task.id()));
    }
    return Refusal.conflict(
        "step_out_of_order",
        "The next step of session %s is %d, not %d; send that one."
            .formatted(task.id(), session.lastIndex() + 1, index));
  }

  private static Refusal over(Task task) {
    Task.Failure failure = task.failure();
    if (task.status() == TaskStatus.COMPLETED) {
      return Refusal.conflict(
          "session_done",
          "Session %s has come to its end, and takes no more steps; open a new one."
              .formatted(task.id()));
    }
    if (failure != null) {
      return Refusal.of(
          HttpStatus.GONE,
          failure.code().wire(),
          "Session %s has failed; open a new one. %s".formatted(task.id(), failure.details()));
    }
    return Refusal.of(
        HttpStatus.GONE,
        "session_cancelled",
        "Session %s was ended before its end; open a new one.".formatted(task.id()));
  }
}
