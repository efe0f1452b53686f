package io.aiopslab.tasks.api.trajectories;

import static io.aiopslab.tasks.api.trajectories.WriteTrajectory.number;
import static io.aiopslab.tasks.api.trajectories.WriteTrajectory.time;
import static io.aiopslab.tasks.api.trajectories.WriteTrajectory.tree;

import io.aiopslab.tasks.store.TrajectoryParts;
import io.aiopslab.tasks.store.TrajectoryParts.Facts;
import io.aiopslab.tasks.task.Step;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;

/** The member {@code steps}: what the agent did, and what it saw after that. */
final class WriteSteps {
  /** As in the runner, which never makes an action of such a generation. */
  private static final Set<String> FAILED =
      Set.of(
          "abort",
          "aborted",
          "cancelled",
          "canceled",
          "error",
          "insufficient_system_resource",
          "network_error",
          "timeout");

  private final TrajectoryParts parts;
  private final UUID taskId;
  private final WriteMessages messages;
  private final Ending ending;
  private final ClientPace pace;
  private final List<Action> actions = new ArrayList<>();
  private @Nullable Facts action;
  private @Nullable Facts observation;

  WriteSteps(
      TrajectoryParts parts, UUID taskId, WriteMessages messages, Ending ending, ClientPace pace) {
    this.parts = parts;
    this.taskId = taskId;
    this.messages = messages;
    this.ending = ending;
    this.pace = pace;
  }

  /**
   * What the samples and the policy need of a step.
   *
   * @param index of the stored message
   * @param message its place in messages
   * @param model name that its server gave
   * @param version of the policy, as its server gave it; of the first token, if they differ
   * @param versionEnd of the last token
   * @param failed the finish_reason of a generation that failed; null if it came to its own end
   */
  record Action(
      int index,
      int message,
      boolean hasTokens,
      @Nullable String model,
      @Nullable JsonNode version,
      @Nullable JsonNode versionEnd,
      @Nullable String failed) {}

  void write(JsonGenerator out) throws IOException {
    out.writeArrayPropertyStart("steps");
    List<Facts> piece = parts.facts(taskId, -1);
    while (!piece.isEmpty()) {
      for (Facts facts : piece) {
        take(facts, out);
        pace.check();
      }
      piece = parts.facts(taskId, piece.get(piece.size() - 1).index());
    }
    writeStep(out, true);
    out.writeEndArray();
  }

  /** After {@link #write}. */
  List<Action> actions() {
    return actions;
  }

  private void take(Facts facts, JsonGenerator out) {
    if (messages.placeOf(facts.index()) == null) {
      return;
    }
    if (Step.isAgents(facts.role())) {
      writeStep(out, false);
      action = facts;
      observation = null;
    } else if (action != null && observation == null) {
      observation = facts;
    }
  }

  private void writeStep(JsonGenerator out, boolean last) {
    Facts did = action;
    Integer message = did == null ? null : messages.placeOf(did.index());
    if (did == null || message == null) {
      return;
    }
    Facts saw = observation;
    out.writeStartObject();
    out.writeNumberProperty("index", actions.size());
    out.writeNumberProperty("action_message", message);
    Integer answer = saw == null ? null : messages.placeOf(saw.index());
    if (answer == null) {
      out.writeNullProperty("observation_message");
    } else {
      out.writeNumberProperty("observation_message", answer);
    }
    number(out, "reward", last ? ending.reward() : null);
    out.writeBooleanProperty("terminated", last && ending.terminated());
    out.writeBooleanProperty("truncated", last && ending.truncated());
    number(out, "model_ms", did.modelMs());
    number(out, "environment_ms", saw == null ? null : saw.environmentMs());
    tree(out, "model", did.model());
    time(out, "at", did.at());
    out.writeEndObject();
    JsonNode version = version(did.model(), "policy_version");
    JsonNode versionEnd = version(did.model(), "policy_version_end");
    String finish = text(did.model(), "finish_reason");
    actions.add(
        new Action(
            did.index(),
            message,
            did.hasTokens(),
            text(did.model(), "name"),
            version,
            versionEnd == null ? version : versionEnd,
            finish != null && FAILED.contains(finish.toLowerCase(Locale.ROOT)) ? finish : null));
  }

  private static @Nullable String text(@Nullable JsonNode model, String name) {
    JsonNode text = model == null ? null : model.get(name);
    return text != null && text.isString() ? text.stringValue() : null;
  }

  private static @Nullable JsonNode version(@Nullable JsonNode model, String name) {
    JsonNode version = model == null ? null : model.get(name);
    return version != null && SampleTokens.isVersion(version) ? version : null;
  }
}
