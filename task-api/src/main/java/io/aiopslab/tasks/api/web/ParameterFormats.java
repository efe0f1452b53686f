package io.aiopslab.tasks.api.web;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
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
    String plus = type == Instant.class ? " (a + is sent as %2B)" : "";
    return ExpectedValue.of(type) + plus;
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
