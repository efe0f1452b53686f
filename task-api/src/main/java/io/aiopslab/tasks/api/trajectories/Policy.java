package io.aiopslab.tasks.api.trajectories;

import static io.aiopslab.tasks.api.trajectories.WriteTrajectory.text;
import static io.aiopslab.tasks.api.trajectories.WriteTrajectory.tree;

import io.aiopslab.tasks.api.trajectories.WriteSteps.Action;
import io.aiopslab.tasks.task.Task;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Who acted.
 *
 * @param model as its server names it; as it was asked for, where it never answered
 * @param versionStart of the first answer that had one
 * @param versionEnd of the last; another one if the weights changed meanwhile
 */
record Policy(
    @Nullable String agent,
    @Nullable String model,
    @Nullable JsonNode versionStart,
    @Nullable JsonNode versionEnd,
    ObjectNode config) {
  private static final List<String> SAMPLING =
      List.of(
          "temperature",
          "top_p",
          "top_k",
          "min_p",
          "presence_penalty",
          "frequency_penalty",
          "repetition_penalty",
          "max_tokens",
          "stop",
          "seed");

  static Policy of(Task task, List<Action> actions) {
    ObjectNode config = task.spec().agentConfig();
    String answered =
        actions.stream().map(Action::model).filter(Objects::nonNull).findFirst().orElse(null);
    List<@Nullable JsonNode> versions =
        actions.stream()
            .flatMap(action -> Stream.of(action.version(), action.versionEnd()))
            .filter(Objects::nonNull)
            .toList();
    return new Policy(
        textOf(config, "agent"),
        answered != null ? answered : textOf(config, "model"),
        versions.isEmpty() ? null : versions.get(0),
        versions.isEmpty() ? null : versions.get(versions.size() - 1),
        config);
  }

  void write(JsonGenerator out) {
    out.writeObjectPropertyStart("policy");
    text(out, "agent", agent);
    text(out, "model", model);
    tree(out, "version_start", versionStart);
    tree(out, "version_end", versionEnd);
    out.writeObjectPropertyStart("sampling");
    for (String name : SAMPLING) {
      JsonNode value = config.get(name);
      if (value != null && !value.isNull()) {
        tree(out, name, value);
      }
    }
    out.writeEndObject();
    out.writeEndObject();
  }

  private static @Nullable String textOf(ObjectNode config, String name) {
    JsonNode value = config.get(name);
    return value != null && value.isString() ? value.stringValue() : null;
  }
}
