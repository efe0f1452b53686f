package io.aiopslab.tasks.api.sessions;

import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.store.SessionActions;
import io.aiopslab.tasks.store.SessionActions.Taken;
import io.aiopslab.tasks.store.Sessions;
import io.aiopslab.tasks.store.Sessions.Known;
import io.aiopslab.tasks.store.Slice;
import io.aiopslab.tasks.store.TaskResults;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskResult;
import io.aiopslab.tasks.task.TaskStatus;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** A session as the database knows it. */
@Component
class FindSession {
  static final int STEPS = 20;

  private static final int MOST_AHEAD = 10_000;
  private static final long MOST_BYTES = 4L << 20;
  private static final int DEFAULT_IDLE_SECONDS = 600;

  private final Sessions sessions;
  private final SessionActions actions;
  private final TaskResults results;

  FindSession(Sessions sessions, SessionActions actions, TaskResults results) {
    this.sessions = sessions;
    this.actions = actions;
    this.results = results;
  }

  /**
   * @throws Refusal if there is no such session
   */
  Known find(UUID id) {
    return sessions
        .find(id)
        .orElseThrow(
            () ->
                Refusal.notFound(
                    "session_not_found",
                    "There is no session %s; POST /api/v1/sessions opens one.".formatted(id)));
  }

  SessionView view(UUID id) {
    return view(id, -1, STEPS);
  }

  SessionView view(UUID id, int after, int limit) {
    Known session = find(id);
    Task task = session.task();
    SessionState state = SessionState.of(session);
    if (state == SessionState.COMPLETED && session.isStepping()) {
      actions.end(id, session.lastIndex());
    }
    Slice<Taken> page = actions.slice(id, after, limit, MOST_BYTES);
    List<Taken> taken = page.rows();
    TaskResult result = task.status().isTerminal() ? results.find(id).orElse(null) : null;
    int ahead = task.status() == TaskStatus.PENDING ? sessions.ahead(task, MOST_AHEAD) : -1;
    return new SessionView(
        id,
        state,
        task.spec().problemId(),
        task.spec().backendType(),
        task.spec().priority(),
        task.spec().maxSteps(),
        task.spec().timeoutMinutes(),
        task.spec().metadata(),
        ahead < 0 ? null : ahead + 1,
        ahead == MOST_AHEAD,
        task.run() == null ? null : task.run().workerId(),
        session.briefing(),
        task.status().isTerminal() ? null : nextIndex(session),
        taken.stream().map(one -> StepView.of(one, result).with(one.action())).toList(),
        page.more() && !taken.isEmpty() ? taken.get(taken.size() - 1).index() : null,
        idleDeadline(session, state),
        task.run() == null ? null : task.run().deadlineAt(),
        task.createdAt(),
        task.run() == null ? null : task.run().startedAt(),
        session.openedAt(),
        task.completedAt(),
        result == null ? null : result.reward(),
        result == null ? null : result.stopReason(),
        task.failure() == null ? null : task.failure().code(),
        task.failure() == null ? null : task.failure().details());
  }

  private static int nextIndex(Known session) {
    return session.isStepping() ? session.lastIndex() : session.lastIndex() + 1;
  }

  /** To within the time that an answer takes: the worker's own clock decides. */
  private static @Nullable Instant idleDeadline(Known session, SessionState state) {
    Instant last = session.answeredAt() == null ? session.openedAt() : session.answeredAt();
    if (state != SessionState.OPEN || last == null) {
      return null;
    }
    JsonNode seconds = session.task().spec().agentConfig().path("idle_timeout_seconds");
    return last.plusSeconds(seconds.isInt() ? seconds.intValue() : DEFAULT_IDLE_SECONDS);
  }
}
