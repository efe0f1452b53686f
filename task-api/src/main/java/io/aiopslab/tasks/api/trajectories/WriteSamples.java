package io.aiopslab.tasks.api.trajectories;

import static io.aiopslab.tasks.api.trajectories.WriteTrajectory.tree;

import io.aiopslab.tasks.api.trajectories.WriteSteps.Action;
import io.aiopslab.tasks.store.TrajectoryParts;
import io.aiopslab.tasks.store.TrajectoryParts.Tokens;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
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
  private final ClientPace pace;
  private final List<LeftOut> leftOut = new ArrayList<>();
  private Map<Integer, Tokens> ahead = Map.of();

  WriteSamples(TrajectoryParts parts, UUID taskId, ClientPace pace) {
    this.parts = parts;
    this.taskId = taskId;
    this.pace = pace;
  }

  private record LeftOut(int step, String reason) {}

  /**
   * @param tokensWanted whether a step without tokens is worth a word
   */
  void write(JsonGenerator out, List<Action> actions, boolean tokensWanted) throws IOException {
    boolean expected = tokensWanted || actions.stream().anyMatch(Action::hasTokens);
    out.writeArrayPropertyStart("samples");
    for (int step = 0; expected && step < actions.size(); step++) {
      sample(out, step, actions.get(step));
      pace.check();
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
    if (action.failed() != null) {
      leftOut.add(
          new LeftOut(step, "the generation failed (finish_reason %s)".formatted(action.failed())));
      return;
    }
    SampleTokens tokens = SampleTokens.of(tokensOf(action), action.version());
    JsonNode response = tokens.response();
    if (tokens.unusable() != null || response == null) {
      leftOut.add(new LeftOut(step, String.valueOf(tokens.unusable())));
      return;
    }
    out.writeStartObject();
    out.writeNumberProperty("step", step);
    out.writeNumberProperty("message", action.message());
    tree(out, "prompt_ids", tokens.prompt());
    tree(out, "response_ids", response);
    list(out, "response_mask", Collections.nCopies(response.size(), 1), out::writeNumber);
    list(out, "response_logprobs", tokens.logprobs(), out::writeNumber);
    list(out, "versions", tokens.versions(), out::writeTree);
    out.writeEndObject();
  }

  private Tokens tokensOf(Action action) {
    if (action.hasTokens() && !ahead.containsKey(action.index())) {
      ahead = parts.tokens(taskId, action.index() - 1);
    }
    return ahead.getOrDefault(action.index(), new Tokens(null, null));
  }

  private static <T> void list(
      JsonGenerator out, String name, @Nullable List<T> items, Consumer<T> write) {
    if (items == null) {
      out.writeNullProperty(name);
      return;
    }
    out.writeArrayPropertyStart(name);
    items.forEach(write);
    out.writeEndArray();
  }
}
