package io.aiopslab.tasks.api.web;

import io.aiopslab.tasks.task.TaskSpec;
import io.aiopslab.tasks.trace.LogKeys;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.springframework.core.Ordered;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.AsyncHandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Log records of a request about a task, or by a worker, name it. */
@Component
final class NameTask implements AsyncHandlerInterceptor, WebMvcConfigurer {
  private static final Pattern ID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
  private static final Pattern WORKER = Pattern.compile(TaskSpec.LABEL_PATTERN);

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(this).order(Ordered.HIGHEST_PRECEDENCE);
  }

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    if (request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE)
        instanceof Map<?, ?> path) {
      String uri = request.getRequestURI();
      if (uri.startsWith("/api/v1/tasks/") || uri.startsWith("/api/v1/sessions/")) {
        put(LogKeys.TASK, ID, path.get("id"));
      } else if (uri.startsWith("/api/v1/workers/")) {
        put(LogKeys.TASK, ID, path.get("task_id"));
        put(LogKeys.WORKER, WORKER, path.get("id"));
      }
    }
    return true;
  }

  private static void put(String key, Pattern form, @Nullable Object value) {
    if (value instanceof String text && form.matcher(text).matches()) {
      MDC.put(key, text.toLowerCase(Locale.ROOT));
    }
  }

  @Override
  public void afterConcurrentHandlingStarted(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    forget();
  }

  @Override
  public void afterCompletion(
      HttpServletRequest request,
      HttpServletResponse response,
      Object handler,
      @Nullable Exception failure) {
    forget();
  }

  private static void forget() {
    MDC.remove(LogKeys.TASK);
    MDC.remove(LogKeys.WORKER);
  }
}
