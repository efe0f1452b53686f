package io.aiopslab.tasks.api.web;

import io.aiopslab.tasks.message.Json;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.List;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.core.StandardHost;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;

/** Requests that Tomcat refuses before any servlet sees them, such as an illegal request line. */
public final class ProblemValve extends ErrorReportValve {

  @Override
  protected void report(Request request, Response response, @Nullable Throwable throwable) {
    int code = response.getStatus();
    if (code < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
      return;
    }
    try {
      RequestId.in(request, response, () -> write(response, HttpStatusCode.valueOf(code)));
    } catch (IOException | ServletException | IllegalStateException e) {
      // The client is gone, or somebody else has answered.
      container.getLogger().debug("No problem could be sent", e);
    }
  }

  private static void write(Response response, HttpStatusCode status) throws IOException {
    Problem problem = Problem.of(status, Codes.code(status), Codes.advice(status), List.of());
    response.setContentType(Problem.MEDIA_TYPE);
    if (RetryLater.concerns(status)) {
      response.setHeader(HttpHeaders.RETRY_AFTER, RetryLater.SECONDS);
    }
    response.getOutputStream().write(Json.mapper().writeValueAsBytes(problem));
    response.finishResponse();
  }

  @Configuration(proxyBeanMethods = false)
  static class Installation {
    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> problemValve() {
      return factory ->
          factory.addContextCustomizers(
              context -> {
                if (context.getParent() instanceof StandardHost host) {
                  host.setErrorReportValveClass(ProblemValve.class.getName());
                }
              });
    }
  }
}
