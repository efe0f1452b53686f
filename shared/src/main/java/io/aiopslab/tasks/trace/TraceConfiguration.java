package io.aiopslab.tasks.trace;

import io.micrometer.tracing.exporter.SpanExportingPredicate;
import io.micrometer.tracing.otel.bridge.Slf4JEventListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** What every service needs to trace; sampling and export are Spring's own settings. */
@Configuration(proxyBeanMethods = false)
@Import(TaskTraces.class)
public class TraceConfiguration {
  /** In the spelling of everything else that the service writes. */
  @Bean
  Slf4JEventListener traceInLogRecords() {
    return new Slf4JEventListener(LogKeys.TRACE, LogKeys.SPAN);
  }

  /** A probe every few seconds would bury what is worth a look. */
  @Bean
  SpanExportingPredicate withoutProbes() {
    return span -> !isProbe(span.getTags().getOrDefault("uri", ""));
  }

  private static boolean isProbe(String uri) {
    return uri.startsWith("/actuator") || uri.equals("/health");
  }
}
