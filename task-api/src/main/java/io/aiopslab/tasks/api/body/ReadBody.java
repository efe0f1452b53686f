package io.aiopslab.tasks.api.body;

import io.aiopslab.tasks.api.problem.ExpectedValue;
import io.aiopslab.tasks.api.problem.Problem;
import io.aiopslab.tasks.api.problem.Refusal;
import io.aiopslab.tasks.message.Json;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.ElementKind;
import jakarta.validation.Path;
import jakarta.validation.Validator;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.exc.ValueInstantiationException;
import tools.jackson.databind.json.JsonMapper;

/** From bytes to a valid record, or to a refusal that names what is wrong. */
@Component
class ReadBody {
  private static final int MOST_DETAILS = 100;
  private static final int LONGEST_KEY = 100;
  private static final Pattern CAPITAL = Pattern.compile("([A-Z])");
  private static final JsonMapper MAPPER =
      Json.mapper()
          .rebuild()
          .addModule(new StrictValues())
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .build();

  private final Validator validator;

  ReadBody(Validator validator) {
    this.validator = validator;
  }

  /**
   * @throws Refusal naming the fields that are wrong
   */
  <T> T read(byte[] body, Class<T> type) {
    T request = bind(parse(body), type);
    List<Problem.Detail> details =
        validator.validate(request).stream()
            .map(violation -> detail((ConstraintViolation<?>) violation))
            .sorted(Comparator.comparing(Problem.Detail::field))
            .limit(MOST_DETAILS)
            .toList();
    if (!details.isEmpty()) {
      throw invalid(details);
    }
    return request;
  }

  private static JsonNode parse(byte[] body) {
    JsonNode json = UnicodeText.mend(StrictJson.OF_REPORT.read(body));
    String place = StorableNumber.firstOther("", json);
    if (place != null) {
      throw invalid(List.of(new Problem.Detail(place, "number", StorableNumber.RULE)));
    }
    return json;
  }

  private static <T> T bind(JsonNode json, Class<T> type) {
    try {
      return MAPPER.treeToValue(json, type);
    } catch (UnrecognizedPropertyException e) {
      throw invalid(
          List.of(
              new Problem.Detail(
                  path(e),
                  "unknown",
                  "is not a field here; there are " + String.join(", ", known(e)))));
    } catch (ValueInstantiationException e) {
      // The value's own rule, without the name of its class.
      String rule = e.getCause() instanceof IllegalArgumentException own ? own.getMessage() : null;
      throw invalid(
          List.of(
              new Problem.Detail(path(e), "format", rule == null ? "has the wrong form" : rule)));
    } catch (JacksonException e) {
      throw invalid(List.of(new Problem.Detail(path(e), "type", expected(e))));
    }
  }

  private static String expected(JacksonException e) {
    return e instanceof MismatchedInputException mismatch && mismatch.getTargetType() != null
        ? ExpectedValue.of(mismatch.getTargetType())
        : "has the wrong form";
  }

  private static List<String> known(UnrecognizedPropertyException e) {
    return e.getKnownPropertyIds() == null
        ? List.of()
        : e.getKnownPropertyIds().stream().map(String::valueOf).sorted().toList();
  }

  private static Refusal invalid(List<Problem.Detail> details) {
    Problem.Detail first = details.get(0);
    return Refusal.badRequest(
        "invalid_body",
        "Correct the fields named in details and send the request again: %s %s%s"
            .formatted(first.field(), first.message(), details.size() > 1 ? ", and more." : "."),
        details);
  }

  private static Problem.Detail detail(ConstraintViolation<?> violation) {
    String rule =
        switch (violation
            .getConstraintDescriptor()
            .getAnnotation()
            .annotationType()
            .getSimpleName()) {
          case "NotBlank", "NotNull", "NotEmpty" -> "required";
          case "Size" -> "length";
          case "Pattern" -> "format";
          default -> "range";
        };
    return new Problem.Detail(path(violation.getPropertyPath()), rule, violation.getMessage());
  }

  /** Names of members as they are written, keys and places as they came. */
  private static String path(Path path) {
    StringBuilder place = new StringBuilder();
    for (Path.Node node : path) {
      if (node.isInIterable()) {
        Object within = node.getIndex() != null ? node.getIndex() : node.getKey();
        String shown = String.valueOf(within);
        place.append('[').append(shown, 0, Math.min(shown.length(), LONGEST_KEY)).append(']');
      }
      if (node.getKind() != ElementKind.CONTAINER_ELEMENT) {
        place.append(place.isEmpty() ? "" : ".").append(snakeCase(node.getName()));
      }
    }
    return place.toString();
  }

  private static String snakeCase(String name) {
    return CAPITAL.matcher(name).replaceAll("_$1").toLowerCase(Locale.ROOT);
  }

  private static String path(JacksonException e) {
    String path = "";
    for (JacksonException.Reference step : e.getPath()) {
      path =
          step.getPropertyName() == null
              ? JsonPath.item(path, step.getIndex())
              : JsonPath.member(path, step.getPropertyName());
    }
    return path.isEmpty() ? "(body)" : path;
  }
}
