package io.aiopslab.tasks.api.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/**
 * A path that is described as it stands, such as {@code /tasks/batch}, is never one with an id: a
 * method that it has not is refused, where Spring would go on to {@code /tasks/{id}}.
 */
final class LiteralPaths implements HandlerInterceptor {
  private final Supplier<Map<String, Set<String>>> methods;

  LiteralPaths(Supplier<RequestMappingHandlerMapping> mapping) {
    this.methods = SingletonSupplier.of(() -> read(mapping.get()));
  }

  private static Map<String, Set<String>> read(RequestMappingHandlerMapping mapping) {
    Map<String, Set<String>> methods = new HashMap<>();
    for (RequestMappingInfo call : mapping.getHandlerMethods().keySet()) {
      Set<String> own =
          call.getMethodsCondition().getMethods().stream()
              .map(Enum::name)
              .collect(Collectors.toSet());
      for (String path : call.getDirectPaths()) {
        methods.computeIfAbsent(path, any -> new TreeSet<>()).addAll(own);
      }
    }
    methods.values().stream().filter(all -> all.contains("GET")).forEach(all -> all.add("HEAD"));
    return methods;
  }

  @Override
  public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler)
      throws HttpRequestMethodNotSupportedException {
    Set<String> own = methods.get().get(request.getRequestURI());
    String method = request.getMethod();
    if (own != null && !own.isEmpty() && !own.contains(method) && !method.equals("OPTIONS")) {
      throw new HttpRequestMethodNotSupportedException(method, own);
    }
    return true;
  }
}
