package io.aiopslab.tasks.api.trajectory;

import static io.aiopslab.tasks.api.trajectory.WriteTrajectory.tree;

import io.aiopslab.tasks.api.trajectory.WriteSteps.Action;
import io.aiopslab.tasks.store.TrajectoryParts;
import io.aiopslab.tasks.store.TrajectoryParts.Tokens;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;

/**
 * The members {@code samples}, one for each step whose tokens are known, and {@code
 * samples_left_out}, one for each whose tokens cannot be used, with the reason.
 */
final class WriteSamples {
  private final TrajectoryParts parts;
  private final UUID taskId;
  private final TimeLeft timeLeft;
  private final List<LeftOut> leftOut = new ArrayList<>();

  WriteSamples(TrajectoryParts parts, UUID taskId, TimeLeft timeLeft) {
    this.parts = parts;
    this.taskId = taskId;
    this.timeLeft = timeLeft;
  }

  private record LeftOut(int step, String reason) {}

  void write(JsonGenerator out, List<Action> actions) throws IOException {
    out.writeArrayPropertyStart("samples");
    for (int step = 0; step < actions.size(); step++) {
      if (actions.get(step).hasTokens()) {
        sample(out, step, actions.get(step));
        timeLeft.check();
      }
    }
    out.writeEndArray();
    out.writeArrayPropertyStart("samples_left_out");
    for (LeftOut one : leftOut) {
      out.writeStartObject();
      out.writeNumberProperty("step", one.step());
      out.writeStringProperty("reason", one.reason());
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private void sample(JsonGenerator out, int step, Action action) {
    Tokens known = parts.tokens(taskId, action.index());
    JsonNode prompt = member(known.tokens(), "prompt_ids");
    JsonNode response = member(known.tokens(), "response_ids");
    JsonNode logprobs = known.logprobs();
    String unusable = unusable(prompt, response, logprobs);
    if (unusable != null || response == null) {
      leftOut.add(new LeftOut(step, String.valueOf(unusable)));
      return;
    }
    out.writeStartObject();
    out.writeNumberProperty("step", step);
    out.writeNumberProperty("message", action.message());
    tree(out, "prompt_ids", prompt);
    tree(out, "response_ids", response);
    out.writeArrayPropertyStart("response_mask");
    for (int token = 0; token < response.size(); token++) {
      out.writeNumber(1);
    }
    out.writeEndArray();
    tree(out, "response_logprobs", logprobs);
    versions(out, action.version(), response.size());
    out.writeEndObject();
  }

  private static void versions(JsonGenerator out, @Nullable JsonNode version, int tokens) {
    if (version == null) {
      out.writeNullProperty("versions");
      return;
    }
    out.writeArrayPropertyStart("versions");
    for (int token = 0; token < tokens; token++) {
      out.writeTree(version);
    }
    out.writeEndArray();
  }

  /** Null if it can be used. */
  private static @Nullable String unusable(
      @Nullable JsonNode prompt, @Nullable JsonNode response, @Nullable JsonNode logprobs) {
    if (response == null) {
      return "there are no response_ids";
    }
    if (!isArrayOf(response, WriteSamples::isId)) {
      return "response_ids is no list of token ids";
    }
    if (prompt != null && !isArrayOf(prompt, WriteSamples::isId)) {
      return "prompt_ids is no list of token ids";
    }
    if (logprobs == null) {
      return null;
    }
    if (!isArrayOf(logprobs, WriteSamples::isFinite)) {
      return "the log-probabilities are no list of numbers";
    }
    return logprobs.size() == response.size()
        ? null
        : "there are %d log-probabilities for %d response_ids"
            .formatted(logprobs.size(), response.size());
  }

  private static @Nullable JsonNode member(@Nullable JsonNode tokens, String name) {
    JsonNode member = tokens == null ? null : tokens.get(name);
    return member == null || member.isNull() ? null : member;
  }

  private static boolean isArrayOf(JsonNode list, Predicate<JsonNode> kind) {
    return list.isArray() && list.valueStream().allMatch(kind);
  }

  private static boolean isId(JsonNode item) {
    return item.isIntegralNumber() && item.canConvertToInt() && item.intValue() >= 0;
  }

  private static boolean isFinite(JsonNode item) {
    return item.isNumber() && Double.isFinite(item.doubleValue());
  }
}
