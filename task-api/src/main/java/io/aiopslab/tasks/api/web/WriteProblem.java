package io.aiopslab.tasks.api.web;

import io.aiopslab.tasks.message.Json;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpHeaders;

/** Answers with a problem where no controller is reached. */
public final class WriteProblem {
  private WriteProblem() {}

  public static void write(
      Refusal refusal, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setStatus(refusal.status().value());
    response.setContentType(Problem.MEDIA_TYPE);
    if (RetryLater.concerns(refusal.status())) {
      response.setHeader(HttpHeaders.RETRY_AFTER, RetryLater.SECONDS);
    }
    byte[] body = Json.mapper().writeValueAsBytes(refusal.problem(request.getRequestURI()));
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
    response.flushBuffer();
  }
}
