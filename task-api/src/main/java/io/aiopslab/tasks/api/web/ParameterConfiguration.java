package io.aiopslab.tasks.api.web;

import io.aiopslab.tasks.task.DeadLetterState;
import io.aiopslab.tasks.task.LogLevel;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.task.WorkerStatus;
import java.time.Instant;
import java.util.UUID;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Configuration;
import org.springframework.format.FormatterRegistry;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Parameters are read strictly: what is not understood is refused, not guessed. */
@Configuration(proxyBeanMethods = false)
class ParameterConfiguration implements WebMvcConfigurer {
  private final ObjectProvider<RequestMappingHandlerMapping> mapping;

  ParameterConfiguration(
      @Qualifier("requestMappingHandlerMapping")
          ObjectProvider<RequestMappingHandlerMapping> mapping) {
    this.mapping = mapping;
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(new LiteralPaths(mapping::getObject)).addPathPatterns("/api/v1/**");
    registry.addInterceptor(new UnknownParameters()).addPathPatterns("/api/v1/**");
  }

  @Override
  public void addFormatters(FormatterRegistry registry) {
    registry.addConverter(String.class, Instant.class, ExpectedValue::instant);
    registry.addConverter(String.class, TaskStatus.class, TaskStatus::fromWire);
    registry.addConverter(String.class, WorkerStatus.class, WorkerStatus::fromWire);
    registry.addConverter(String.class, LogLevel.class, LogLevel::fromWire);
    registry.addConverter(String.class, DeadLetterState.class, DeadLetterState::fromWire);
    registry.addConverter(String.class, UUID.class, ExpectedValue::uuid);
  }
}
