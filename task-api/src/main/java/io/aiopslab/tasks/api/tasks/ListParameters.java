package io.aiopslab.tasks.api.tasks;

import io.aiopslab.tasks.store.TaskOrder;
import java.util.Locale;
import org.springframework.context.annotation.Configuration;
import org.springframework.format.FormatterRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** How the parameters of listings are written that are nowhere else. */
@Configuration(proxyBeanMethods = false)
class ListParameters implements WebMvcConfigurer {
  @Override
  public void addFormatters(FormatterRegistry registry) {
    registry.addConverter(String.class, TaskOrder.class, TaskOrder::fromWire);
    registry.addConverter(
        String.class, WaitFor.class, text -> WaitFor.valueOf(text.toUpperCase(Locale.ROOT)));
  }
}
