package io.aiopslab.tasks.api.problem;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.context.MessageSourceResolvable;
import org.springframework.core.MethodParameter;
import org.springframework.core.ResolvableType;
import org.springframework.validation.method.ParameterValidationResult;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.method.annotation.HandlerMethodValidationException;

/** What is wrong with parameters, in words. */
final class ParameterFormats {
  private ParameterFormats() {}

  /** Of one value, where the parameter may be given more than once. */
  static String expected(MethodParameter parameter) {
    Class<?> type = parameter.getParameterType();
    return expected(
        Collection.class.isAssignableFrom(type)
            ? ResolvableType.forMethodParameter(parameter).asCollection().resolveGeneric(0)
            : type);
  }

  private static String expected(@Nullable Class<?> type) {
    if (type == null) {
      return "has the wrong form";
    }
    if (type == UUID.class) {
      return "must be a UUID such as 0199d2b4-5c1e-7abc-8def-0123456789ab";
    }
    if (type == Instant.class) {
      return "must be an RFC 3339 time such as 2026-11-23T08:00:00Z (a + is sent as %2B)";
    }
    if (type == Boolean.class || type == boolean.class) {
      return "must be true or false";
    }
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
          .collect(Collectors.joining(", ", "must be one of ", ""));
    }
    return "must be an integer";
  }

  static List<Problem.Detail> violations(HandlerMethodValidationException e) {
    List<Problem.Detail> details = new ArrayList<>();
    for (ParameterValidationResult result : e.getParameterValidationResults()) {
      for (MessageSourceResolvable error : result.getResolvableErrors()) {
        details.add(
            new Problem.Detail(name(result), "range", String.valueOf(error.getDefaultMessage())));
      }
    }
    return details;
  }

  private static String name(ParameterValidationResult result) {
    RequestParam annotation =
        result.getMethodParameter().getParameterAnnotation(RequestParam.class);
    return annotation != null && !annotation.name().isEmpty()
        ? annotation.name()
        : String.valueOf(result.getMethodParameter().getParameterName());
  }
}
