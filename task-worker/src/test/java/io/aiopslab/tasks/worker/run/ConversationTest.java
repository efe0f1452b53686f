package io.aiopslab.tasks.worker.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.message.ClusterCommand;
import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.message.StepAnswer;
import io.aiopslab.tasks.task.Step;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskSpec;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.worker.run.Conversation.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ConversationTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final List<String> lines = new ArrayList<>();
  private final List<String> answers = new ArrayList<>();
  private final AtomicInteger idle = new AtomicInteger();

  @Test
  void anActionReachesTheRunnerOnceHoweverOftenItIsSent() {
    Conversation conversation = conversation(Duration.ofMinutes(1));
    conversation.await(0);
    assertThat(conversation.step(step(0, "a"))).isEqualTo(Outcome.GIVEN);
    assertThat(conversation.step(step(0, "b"))).isEqualTo(Outcome.IN_WORK);
    conversation.observe(env(1, "seen"));
    conversation.await(1);
    assertThat(lines).containsExactly("{\"type\":\"action\",\"index\":0,\"action\":\"look\"}");
    assertThat(answers).as("all who asked").containsExactly("a 0 seen", "b 0 seen");

    assertThat(conversation.step(step(0, "c"))).isEqualTo(Outcome.ANSWERED_AGAIN);
    assertThat(answers).last().isEqualTo("c 0 seen");
    assertThat(lines).hasSize(1);
  }

  @Test
  void anActionThatComesBeforeTheRunnerWaitsIsGivenWhenItDoes() {
    Conversation conversation = conversation(Duration.ofMinutes(1));
    assertThat(conversation.step(step(0, "a"))).isEqualTo(Outcome.GIVEN);
    assertThat(lines).isEmpty();
    conversation.await(0);
    assertThat(lines).hasSize(1);
  }

  @Test
  void whatIsOutOfTurnIsLeftAlone() {
    Conversation conversation = conversation(Duration.ofMinutes(1));
    conversation.await(0);
    assertThat(conversation.step(step(1, "a"))).isEqualTo(Outcome.OUT_OF_TURN);
    for (int index = 0; index < 2; index++) {
      conversation.step(step(index, "a"));
      conversation.observe(env(2 * index + 1, "seen"));
      conversation.await(index + 1);
    }
    assertThat(conversation.step(step(0, "a"))).isEqualTo(Outcome.OUT_OF_TURN);
    assertThat(lines).hasSize(2);
  }

  @Test
  void onlyARunnerThatWaitsTooLongIsIdle() {
    Conversation working = conversation(Duration.ofMillis(50));
    working.await(0);
    working.step(step(0, "a"));
    Conversation ended = conversation(Duration.ofMillis(50));
    ended.await(0);
    ended.end();
    Conversation waiting = conversation(Duration.ofMillis(200));
    waiting.await(0);
    await().atMost(Duration.ofSeconds(30)).until(() -> idle.get() > 0);
    assertThat(idle).hasValue(1);
  }

  private Conversation conversation(Duration idleTimeout) {
    Task task = task();
    Conversation conversation =
        new Conversation(
            task,
            java.util.Objects.requireNonNull(task.run()),
            idleTimeout,
            (queue, answer) -> answers.add(text(queue, answer)),
            idle::incrementAndGet);
    conversation.connect(line -> lines.add(new String(line, StandardCharsets.UTF_8)));
    return conversation;
  }

  private static String text(String queue, StepAnswer answer) {
    return queue + " " + answer.index() + " " + answer.observation();
  }

  private static ClusterCommand.Step step(int index, String replyTo) {
    return new ClusterCommand.Step(index, "look", replyTo);
  }

  private static Step env(int index, String content) {
    return new Step(index, index / 2, "env", content, null, 1.0, null, null, null, NOW);
  }

  private static Task task() {
    var none = Json.mapper().createObjectNode();
    return new Task(
        UUID.randomUUID(),
        new TaskSpec("p", "default", 5, 30, 1, none, none, null),
        null,
        null,
        TaskStatus.RUNNING,
        new Task.Run(UUID.randomUUID(), "kind-1", NOW, NOW),
        null,
        null,
        NOW,
        null,
        null,
        NOW,
        null);
  }
}
