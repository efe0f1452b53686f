package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.task.Briefing;
import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.task.LogLevel;
import io.aiopslab.tasks.task.Phase;
import io.aiopslab.tasks.task.Step;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Tells messages of the runner from anything else that a process may print. */
final class RunnerMessages {
  private final Clock clock;
  private int nextStep;

  RunnerMessages(Clock clock) {
    this.clock = clock;
  }

  /**
   * @return nothing if the line is no message of a known type
   * @throws MalformedMessageException if it is one, with wrong fields
   */
  Optional<RunnerMessage> read(OutputLine line) throws MalformedMessageException {
    ObjectNode object = line.looksLikeMessage() ? object(line.text()) : null;
    JsonNode type = object == null ? null : object.get("type");
    if (object == null || type == null || !type.isString()) {
      return Optional.empty();
    }
    String subject = "the runner's '%s' message".formatted(type.stringValue());
    return Optional.ofNullable(
        message(new MessageFields(subject, object, clock), type.stringValue()));
  }

  /** Null if the text is no JSON object. */
  static @Nullable ObjectNode object(String text) {
    try {
      return Json.mapper().readTree(text) instanceof ObjectNode object ? object : null;
    } catch (JacksonException | StackOverflowError e) {
      return null;
    }
  }

  private @Nullable RunnerMessage message(MessageFields fields, String type)
      throws MalformedMessageException {
    return switch (type) {
      case "ready" -> new RunnerMessage.Ready(fields.message());
      case "session" -> session(fields);
      case "awaiting" -> new RunnerMessage.Awaiting(fields.count("index"));
      case "phase" -> new RunnerMessage.Phased(fields.named("phase", Phase::fromWire));
      case "step" -> step(fields);
      case "log" -> log(fields);
      case "attestation" -> new RunnerMessage.Attested(fields.object("facts"));
      case "metrics" -> new RunnerMessage.Measured(fields.numbers("values"));
      case "aiopslab_result" -> new RunnerMessage.AiopslabResult(fields.object("content"));
      case "result" -> result(fields);
      case "error" -> error(fields);
      default -> null;
    };
  }

  private static RunnerMessage session(MessageFields fields) throws MalformedMessageException {
    String instructions = fields.textOrNull("instructions");
    ObjectNode actions = fields.objectOrNull("actions");
    return new RunnerMessage.Session(
        new Briefing(
            fields.text("description"),
            instructions == null ? "" : instructions,
            actions == null ? Json.mapper().createObjectNode() : actions));
  }

  private RunnerMessage step(MessageFields fields) throws MalformedMessageException {
    int index = fields.count("index");
    if (index != nextStep) {
      throw fields.wrong("index", "must be " + nextStep + ", one more than before");
    }
    String role = fields.text("role");
    if (!role.equals("assistant") && !role.equals("env")) {
      throw fields.wrong("role", "must be assistant or env");
    }
    Step step =
        new Step(
            index,
            fields.count("turn"),
            role,
            fields.text("content"),
            fields.numberOrNull("model_ms"),
            fields.numberOrNull("environment_ms"),
            fields.present("tokens"),
            fields.present("logprobs"),
            fields.present("model"),
            fields.ts());
    nextStep++;
    return new RunnerMessage.Stepped(step);
  }

  private static RunnerMessage log(MessageFields fields) throws MalformedMessageException {
    return new RunnerMessage.Logged(
        fields.ts(),
        fields.named("level", LogLevel::fromWire),
        fields.text("message"),
        fields.objectOrNull("context"));
  }

  static RunnerMessage.Result result(MessageFields fields) throws MalformedMessageException {
    Double reward = fields.numberOrNull("reward");
    if (reward != null && (reward < 0 || reward > 1)) {
      throw fields.wrong("reward", "must be 0 to 1, or null");
    }
    Map<String, Double> metrics = new LinkedHashMap<>();
    fields.numbers("usage").forEach((name, value) -> metrics.put("usage." + name, value));
    fields.numbers("phases").forEach((name, value) -> metrics.put("phase_seconds." + name, value));
    return new RunnerMessage.Result(
        fields.textOrNull("environment"),
        fields.present("results"),
        fields.flagOrNull("success"),
        reward,
        fields.numbers("reward_components"),
        fields.textOrNull("stop_reason"),
        fields.countOrNull("steps"),
        metrics,
        fields.message());
  }

  private static RunnerMessage error(MessageFields fields) throws MalformedMessageException {
    return new RunnerMessage.Failed(
        fields.named("code", FailureCode::fromWire),
        fields.text("message"),
        fields.objectOrNull("details"));
  }
}
