package io.aiopslab.tasks.api.workers;

import io.aiopslab.tasks.api.web.StrictBody;
import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.task.Step;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.hibernate.validator.constraints.Range;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Messages of a run's trajectory. */
@StrictBody(
    most = 4 << 20,
    ifLarger =
        "send one step a call, and of a step that is larger than that the text without its tokens,"
            + " with the reason in tokens.left_out")
@Schema(name = "ReportSteps")
record StepsRequest(
    @NotNull(message = "is required") UUID sessionId,
    @NotNull(message = "is required")
        @Size(min = 1, max = 100, message = "must have 1 to 100 steps")
        List<@NotNull(message = "must not be null") @Valid Message> steps) {
  private static final String VERSION = "policy_version";

  @Schema(name = "ReportedStep")
  record Message(
      @Schema(description = "Position in the trajectory, from 0 without gaps", example = "0")
          @NotNull(message = "is required")
          @Range(min = 0, max = 1_000_000, message = "must be from 0 to 1000000")
          Integer index,
      @Schema(description = "The agent's turn it belongs to; half of index if left out")
          @Range(min = 0, max = 1_000_000, message = "must be from 0 to 1000000")
          @Nullable Integer turn,
      @Schema(
              description = "assistant (the agent), env or tool (what it observed)",
              example = "assistant")
          @NotNull(message = "is required")
          @Pattern(regexp = "assistant|env|tool", message = "must be assistant, env or tool")
          String role,
      @Schema(example = "submit(\"yes\")") @NotNull(message = "is required") String content,
      @Nullable Double modelMs,
      @Nullable Double environmentMs,
      @Schema(
              description =
                  "prompt_ids and response_ids, lists of token ids; versions of the policy, one for"
                      + " each response token or spans with version, start and end; left_out, why"
                      + " they are to make no sample",
              example = "{\"prompt_ids\": [1, 733], \"response_ids\": [9537, 28]}")
          @Nullable JsonNode tokens,
      @Schema(
              description = "One for each response token, at most 0; null where there is none",
              example = "[-0.02, -0.7]")
          @Nullable JsonNode logprobs,
      @Schema(
              description =
                  "What the model's server said, such as name, finish_reason, policy_version",
              example = "{\"policy_version\": \"41\"}")
          @Nullable JsonNode model,
      @Schema(description = "When; left out, now") @Nullable Instant at) {

    Step toStep(Instant now) {
      return new Step(
          index,
          Objects.requireNonNullElse(turn, index / 2),
          role,
          content,
          modelMs,
          environmentMs,
          tokens,
          logprobs,
          withVersions(model, tokens),
          Objects.requireNonNullElse(at, now));
    }

    /**
     * The versions of the first and the last token are those of the whole answer, as in a runner.
     */
    private static @Nullable JsonNode withVersions(
        @Nullable JsonNode model, @Nullable JsonNode tokens) {
      JsonNode versions = tokens == null ? null : tokens.get("versions");
      boolean open = model == null || (model.isObject() && !model.hasNonNull(VERSION));
      if (versions == null || !versions.isArray() || versions.isEmpty() || !open) {
        return model;
      }
      ObjectNode whole =
          model instanceof ObjectNode given ? given.deepCopy() : Json.mapper().createObjectNode();
      JsonNode first = version(versions.get(0));
      JsonNode last = version(versions.get(versions.size() - 1));
      whole.set(VERSION, first);
      if (!last.equals(first)) {
        whole.set(VERSION + "_end", last);
      }
      return whole;
    }

    private static JsonNode version(JsonNode item) {
      return item.isObject() ? item.path("version") : item;
    }
  }
}
