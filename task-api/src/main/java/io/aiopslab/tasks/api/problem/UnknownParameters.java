package io.aiopslab.tasks.api.problem;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/** Refuses query parameters that the call does not have: a typing error must not be ignored. */
final class UnknownParameters implements HandlerInterceptor {

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    if (handler instanceof HandlerMethod method && request.getQueryString() != null) {
      Set<String> known = known(method);
      List<Problem.Detail> wrong = new ArrayList<>();
      request
          .getParameterMap()
          .forEach(
              (name, values) -> {
                if (!known.contains(name)) {
                  wrong.add(new Problem.Detail(name, "unknown", "is not a parameter of this call"));
                } else if (values.length > 1) {
                  wrong.add(new Problem.Detail(name, "repeated", "must be given only once"));
                }
              });
      if (!wrong.isEmpty()) {
        throw Refusal.badRequest("invalid_parameter", advice(known, wrong), wrong);
      }
    }
    return true;
  }

  private static String advice(Set<String> known, List<Problem.Detail> wrong) {
    String names = wrong.stream().map(Problem.Detail::field).collect(Collectors.joining(", "));
    return known.isEmpty()
        ? "Leave out %s: this call takes no query parameters.".formatted(names)
        : "Correct %s: this call takes %s, each once.".formatted(names, String.join(", ", known));
  }

  private static Set<String> known(HandlerMethod method) {
    return Arrays.stream(method.getMethodParameters())
        .map(parameter -> parameter.getParameterAnnotation(RequestParam.class))
        .filter(Objects::nonNull)
        .map(RequestParam::name)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
