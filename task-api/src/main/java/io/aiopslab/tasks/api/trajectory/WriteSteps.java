package io.aiopslab.tasks.api.trajectory;

import static io.aiopslab.tasks.api.trajectory.WriteTrajectory.number;
import static io.aiopslab.tasks.api.trajectory.WriteTrajectory.time;
import static io.aiopslab.tasks.api.trajectory.WriteTrajectory.tree;

import io.aiopslab.tasks.store.TrajectoryParts;
import io.aiopslab.tasks.store.TrajectoryParts.Facts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;

/** The member {@code steps}: what the agent did, and what it saw after that. */
final class WriteSteps {
  private final TrajectoryParts parts;
  private final UUID taskId;
  private final WriteMessages messages;
  private final Ending ending;
  private final TimeLeft timeLeft;
  private final List<Action> actions = new ArrayList<>();
  private @Nullable Facts action;
  private @Nullable Facts observation;

  WriteSteps(
      TrajectoryParts parts,
      UUID taskId,
      WriteMessages messages,
      Ending ending,
      TimeLeft timeLeft) {
    this.parts = parts;
    this.taskId = taskId;
    this.messages = messages;
    this.ending = ending;
    this.timeLeft = timeLeft;
  }

  /**
   * What the samples and the policy need of a step.
   *
   * @param index of the stored message
   * @param message its place in messages
   * @param model name that its server gave
   * @param version of the policy, as its server gave it
   */
  record Action(
      int index,
      int message,
      boolean hasTokens,
      @Nullable String model,
      @Nullable JsonNode version) {}

  static boolean isAction(String role) {
    return role.equals("assistant");
  }

  void write(JsonGenerator out) throws IOException {
    out.writeArrayPropertyStart("steps");
    List<Facts> piece = parts.facts(taskId, -1);
    while (!piece.isEmpty()) {
      for (Facts facts : piece) {
        take(facts, out);
        timeLeft.check();
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
    if (isAction(facts.role())) {
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
    actions.add(
        new Action(did.index(), message, did.hasTokens(), name(did.model()), version(did.model())));
  }

  private static @Nullable String name(@Nullable JsonNode model) {
    JsonNode name = model == null ? null : model.get("name");
    return name != null && name.isString() ? name.stringValue() : null;
  }

  private static @Nullable JsonNode version(@Nullable JsonNode model) {
    JsonNode version = model == null ? null : model.get("policy_version");
    return version != null && (version.isString() || version.isNumber()) ? version : null;
  }
}
