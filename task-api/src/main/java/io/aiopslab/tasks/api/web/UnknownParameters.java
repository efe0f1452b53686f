package io.aiopslab.tasks.api.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Refuses query parameters that the call does not have, and those without a value: a slip must not
 * be ignored.
 */
final class UnknownParameters implements HandlerInterceptor {

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    if (handler instanceof HandlerMethod method && request.getQueryString() != null) {
      Known known = Known.of(method);
      List<Problem.Detail> wrong = new ArrayList<>();
      request
          .getParameterMap()
          .forEach(
              (name, values) -> {
                if (!known.includes(name)) {
                  wrong.add(new Problem.Detail(name, "unknown", "is not a parameter of this call"));
                } else if (values.length > 1 && !known.repeatable().contains(name)) {
                  wrong.add(new Problem.Detail(name, "repeated", "must be given only once"));
                } else if (known.names().contains(name)
                    && Arrays.stream(values).anyMatch(String::isBlank)) {
                  wrong.add(new Problem.Detail(name, "blank", "must have a value, or be left out"));
                }
              });
      if (!wrong.isEmpty()) {
        throw Refusal.badRequest("invalid_parameter", known.advice(wrong), wrong);
      }
    }
    return true;
  }

  /**
   * @param families beginnings of names
   */
  private record Known(Set<String> names, Set<String> repeatable, Set<String> families) {
    static Known of(HandlerMethod method) {
      Known known = new Known(new TreeSet<>(), new TreeSet<>(), new TreeSet<>());
      for (MethodParameter parameter : method.getMethodParameters()) {
        known.add(parameter, parameter.getParameterAnnotation(RequestParam.class));
      }
      return known;
    }

    private void add(MethodParameter parameter, @Nullable RequestParam named) {
      ParameterFamily family = parameter.getParameterAnnotation(ParameterFamily.class);
      if (family != null) {
        families.add(family.value());
      } else if (named != null) {
        names.add(named.name());
        if (Collection.class.isAssignableFrom(parameter.getParameterType())) {
          repeatable.add(named.name());
        }
      }
    }

    boolean includes(String name) {
      return names.contains(name) || families.stream().anyMatch(name::startsWith);
    }

    String advice(List<Problem.Detail> wrong) {
      String given = wrong.stream().map(Problem.Detail::field).collect(Collectors.joining(", "));
      if (names.isEmpty()) {
        return "Leave out %s: this call takes no query parameters.".formatted(given);
      }
      Set<String> all = new TreeSet<>(names);
      families.forEach(family -> all.add(family + "<key>"));
      return "Correct %s: this call takes %s, each once%s."
          .formatted(
              given,
              String.join(", ", all),
              repeatable.isEmpty() ? "" : " but for " + String.join(" and ", repeatable));
    }
  }
}
