package io.aiopslab.tasks.api.web;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.aiopslab.tasks.message.Json;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.ElementKind;
import jakarta.validation.Path;
import jakarta.validation.Validator;
import java.lang.reflect.RecordComponent;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** From bytes to a valid record, or to a refusal that names everything that is wrong. */
@Component
public final class ReadBody {
  private static final int LONGEST_KEY = 100;
  private static final Pattern CAPITAL = Pattern.compile("([A-Z])");
  private static final JsonMapper MAPPER =
      Json.mapper()
          .rebuild()
          .addModule(new StrictValues())
          .addHandler(new CollectMistakes())
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .build();

  private final Validator validator;
  private final List<BodyRule<?>> rules;

  public ReadBody(Validator validator, List<BodyRule<?>> rules) {
    this.validator = validator;
    this.rules = rules;
  }

  /**
   * @param type marked {@link StrictBody}
   * @throws Refusal naming the fields that are wrong
   */
  public <T> T read(byte[] body, Class<T> type) {
    StrictBody strict = Objects.requireNonNull(type.getAnnotation(StrictBody.class));
    Violations violations = new Violations(strict.mostDetails());
    ObjectNode json = parse(body, strict, violations);
    T request = bind(json, type, violations);
    if (request != null) {
      validate(request, violations);
      for (BodyRule<?> rule : rules) {
        if (rule.type() == type) {
          apply(rule, request, json, body.length, violations);
        }
      }
    }
    violations.refuseIfAny(strict.code(), strict.then());
    return Objects.requireNonNull(request);
  }

  private static <T> void apply(
      BodyRule<T> rule, Object request, ObjectNode json, int bytes, Violations violations) {
    rule.check(rule.type().cast(request), json, bytes, violations);
  }

  private static ObjectNode parse(byte[] body, StrictBody strict, Violations violations) {
    ObjectNode json = new StrictJson(strict.deepest(), strict.required()).read(body);
    if (strict.mended()) {
      UnicodeText.mend(json);
      StorableJson.checkNumbers(json, violations);
    } else {
      StorableJson.check("", json, violations);
    }
    return json;
  }

  private static <T> @Nullable T bind(ObjectNode json, Class<T> type, Violations violations) {
    try {
      return MAPPER
          .readerFor(type)
          .withAttribute(CollectMistakes.VIOLATIONS, violations)
          .readValue(json);
    } catch (JacksonException e) {
      Class<?> expected =
          e instanceof MismatchedInputException mismatch ? mismatch.getTargetType() : null;
      violations.addFirst(
          path(e), "type", expected == null ? "has the wrong form" : ExpectedValue.of(expected));
      return null;
    }
  }

  private static String path(JacksonException e) {
    String path = "";
    for (JacksonException.Reference step : e.getPath()) {
      path =
          step.getPropertyName() == null
              ? JsonPath.item(path, step.getIndex())
              : JsonPath.member(path, step.getPropertyName());
    }
    return path;
  }

  /** Adds what is wrong by the record's own rules, where nothing is wrong already. */
  private void validate(Object request, Violations violations) {
    validator.validate(request).stream()
        .map(
            violation ->
                new Problem.Detail(path(violation), rule(violation), violation.getMessage()))
        .sorted(Comparator.comparing(Problem.Detail::field).thenComparing(Problem.Detail::message))
        .forEach(detail -> violations.addFirst(detail.field(), detail.rule(), detail.message()));
  }

  private static String rule(ConstraintViolation<?> violation) {
    return switch (violation
        .getConstraintDescriptor()
        .getAnnotation()
        .annotationType()
        .getSimpleName()) {
      case "NotBlank", "NotNull", "NotEmpty" -> "required";
      case "Size", "CodePointLength" -> "length";
      case "Min", "Max", "Range", "DecimalMin", "DecimalMax", "Finite" -> "range";
      default -> "format";
    };
  }

  /** Names of members as they are written, keys and places as they came. */
  private static String path(ConstraintViolation<?> violation) {
    StringBuilder place = new StringBuilder();
    for (Path.Node node : violation.getPropertyPath()) {
      if (node.isInIterable()) {
        Object within = node.getIndex() != null ? node.getIndex() : node.getKey();
        String shown = String.valueOf(within);
        place.append('[').append(shown, 0, Math.min(shown.length(), LONGEST_KEY)).append(']');
      }
      if (node.getKind() != ElementKind.CONTAINER_ELEMENT) {
        place.append(place.isEmpty() ? "" : ".").append(written(node.getName(), violation));
      }
    }
    return place.toString();
  }

  /** A member whose name Java has no component for says so. */
  private static String written(String name, ConstraintViolation<?> violation) {
    Object bean = violation.getLeafBean();
    if (bean != null && bean.getClass().isRecord()) {
      for (RecordComponent component : bean.getClass().getRecordComponents()) {
        JsonProperty other = component.getAccessor().getAnnotation(JsonProperty.class);
        if (component.getName().equals(name) && other != null) {
          return other.value();
        }
      }
    }
    return CAPITAL.matcher(name).replaceAll("_$1").toLowerCase(Locale.ROOT);
  }
}
