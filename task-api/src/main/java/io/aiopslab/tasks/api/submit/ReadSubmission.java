package io.aiopslab.tasks.api.submit;

import io.aiopslab.tasks.api.body.StrictJson;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.Validator;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** From a body to a request that is fit to be stored, or to everything that is wrong with it. */
@Component
class ReadSubmission {
  /** In bytes. */
  static final int LARGEST_TASK = 256 * 1024;

  private static final Pattern CAPITAL = Pattern.compile("([A-Z])");

  private final Validator validator;
  private final CallbackPlaces callbacks;

  ReadSubmission(Validator validator, CallbackPlaces callbacks) {
    this.validator = validator;
    this.callbacks = callbacks;
  }

  /**
   * @throws io.aiopslab.tasks.api.problem.Refusal naming every field that is wrong
   */
  SubmitRequest read(byte[] body) {
    Violations violations = new Violations();
    SubmitRequest request = read(StrictJson.OF_TASK.read(body), violations);
    violations.refuseIfAny("invalid_task", "submit the task again");
    return request;
  }

  /** Adds what is wrong with it to the violations; only without any is it fit to be stored. */
  SubmitRequest read(ObjectNode json, Violations violations) {
    new StorableRule(violations).check("", json);
    SubmitRequest request = bind(new BodyFields(json, violations, "a task"));
    if (request.agentConfig() != null) {
      new SecretRule(violations).check("agent_config", request.agentConfig());
    }
    validate(request, violations);
    if (request.callbackUrl() != null && !violations.concern("callback_url")) {
      callbacks.check("callback_url", request.callbackUrl(), violations);
    }
    return request;
  }

  private static SubmitRequest bind(BodyFields fields) {
    SubmitRequest request =
        new SubmitRequest(
            fields.text("problem_id"),
            fields.object("agent_config"),
            fields.integer("max_steps"),
            fields.integer("timeout_minutes"),
            fields.text("callback_url"),
            fields.object("metadata"),
            fields.integer("priority"),
            fields.text("backend_type"),
            fields.text("queue"));
    fields.refuseOthers();
    return request;
  }

  /** Adds what is wrong with a request by its own rules, where nothing is wrong already. */
  <T> void validate(T request, Violations violations) {
    List<ConstraintViolation<T>> broken =
        validator.validate(request).stream()
            .sorted(
                Comparator.comparing(
                    violation -> violation.getPropertyPath() + violation.getMessage()))
            .toList();
    for (ConstraintViolation<T> violation : broken) {
      String field = snakeCase(violation.getPropertyPath().toString());
      if (!violations.concern(field)) {
        violations.add(field, rule(violation), violation.getMessage());
      }
    }
  }

  private static String rule(ConstraintViolation<?> violation) {
    return switch (violation
        .getConstraintDescriptor()
        .getAnnotation()
        .annotationType()
        .getSimpleName()) {
      case "NotBlank" -> "required";
      case "Size" -> "length";
      case "Min", "Max" -> "range";
      default -> "format";
    };
  }

  private static String snakeCase(String property) {
    return CAPITAL.matcher(property).replaceAll("_$1").toLowerCase(Locale.ROOT);
  }
}
