package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.message.ClusterCommand;
import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.message.StepAnswer;
import io.aiopslab.tasks.task.Step;
import io.aiopslab.tasks.task.Task;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A run whose agent is somewhere else. Each action reaches the runner once, however often it is
 * sent; who sends it again gets the same answer. The last action has no answer here: it ends the
 * run, and the task's result says how.
 */
final class Conversation {
  private static final String EXTERNAL = "external";
  private static final int DEFAULT_IDLE_SECONDS = 600;

  private final UUID taskId;
  private final UUID sessionId;
  private final Duration idleTimeout;
  private final BiConsumer<String, StepAnswer> replies;
  private final Runnable onIdle;
  private final Set<String> waiting = new LinkedHashSet<>();
  private @Nullable Consumer<byte[]> toRunner;
  private int next;
  private boolean awaited;
  private ClusterCommand.@Nullable Step given;
  private @Nullable Step observed;
  private @Nullable StepAnswer last;
  private CompletableFuture<Boolean> idle = CompletableFuture.completedFuture(false);

  /** What became of a command to step. */
  enum Outcome {
    /** The runner does it, or will as soon as it can. */
    GIVEN,
    /** The runner is at it since an earlier command. */
    IN_WORK,
    /** It was done before, and the answer went out once more. */
    ANSWERED_AGAIN,
    /** It is neither the next one nor the one before. */
    OUT_OF_TURN,
    /** The run is not here, or has no ear for actions. */
    NOT_HERE;

    /** For metrics. */
    String tag() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * @param idleTimeout how long the runner waits for an action
   * @param replies sends an answer to a queue, and never waits
   * @param onIdle called when it has waited that long
   */
  Conversation(
      Task task,
      Task.Run run,
      Duration idleTimeout,
      BiConsumer<String, StepAnswer> replies,
      Runnable onIdle) {
    this.taskId = task.id();
    this.sessionId = run.sessionId();
    this.idleTimeout = idleTimeout;
    this.replies = replies;
    this.onIdle = onIdle;
  }

  static boolean isNeededFor(Task task) {
    return task.spec().agentConfig().path("agent").asString("").equals(EXTERNAL);
  }

  /** What is no number of seconds is the runner's to refuse, before it waits for anything. */
  static Duration idleTimeoutOf(Task task) {
    JsonNode seconds = task.spec().agentConfig().path("idle_timeout_seconds");
    return Duration.ofSeconds(seconds.isInt() ? seconds.intValue() : DEFAULT_IDLE_SECONDS);
  }

  synchronized void connect(Consumer<byte[]> runner) {
    toRunner = runner;
  }

  /** Gives an action to the runner, if it is its turn. */
  synchronized Outcome step(ClusterCommand.Step step) {
    StepAnswer before = last;
    if (before != null && step.index() == before.index()) {
      replies.accept(step.replyTo(), before);
      return Outcome.ANSWERED_AGAIN;
    }
    if (step.index() != next) {
      return Outcome.OUT_OF_TURN;
    }
    waiting.add(step.replyTo());
    if (given != null) {
      return Outcome.IN_WORK;
    }
    given = step;
    give();
    return Outcome.GIVEN;
  }

  private void give() {
    ClusterCommand.Step step = given;
    if (step != null && awaited && toRunner != null) {
      awaited = false;
      idle.complete(false);
      toRunner.accept(
          Json.mapper()
              .writeValueAsBytes(
                  Json.mapper()
                      .createObjectNode()
                      .put("type", "action")
                      .put("index", step.index())
                      .put("action", step.action())));
    }
  }

  /** The environment's answer to the action in work. */
  synchronized void observe(Step step) {
    observed = step;
  }

  /** The runner can take the action of this index: those before are done. */
  synchronized void await(int index) {
    if (index > next) {
      answer();
      waiting.clear();
      given = null;
    }
    observed = null;
    next = index;
    awaited = true;
    waitForAction();
    give();
  }

  private void answer() {
    Step answer = observed;
    if (given != null && answer != null) {
      StepAnswer said =
          new StepAnswer(
              StepAnswer.VERSION,
              taskId,
              sessionId,
              next,
              answer.content(),
              answer.environmentMs());
      last = said;
      waiting.forEach(queue -> replies.accept(queue, said));
    }
  }

  private void waitForAction() {
    idle =
        new CompletableFuture<Boolean>()
            .completeOnTimeout(true, idleTimeout.toMillis(), TimeUnit.MILLISECONDS);
    var unused =
        idle.thenAccept(
            expired -> {
              if (expired) {
                onIdle.run();
              }
            });
  }

  /** The run is over. */
  synchronized void end() {
    idle.complete(false);
  }
}
