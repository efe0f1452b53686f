package io.aiopslab.tasks.api;

import io.aiopslab.tasks.broker.BrokerConfiguration;
import io.aiopslab.tasks.loop.LoopConfiguration;
import io.aiopslab.tasks.store.StoreConfiguration;
import io.aiopslab.tasks.trace.TraceConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.Import;

/** Submit, look, wait; relays tickets. Migrates the schema. */
@SpringBootApplication
@ConfigurationPropertiesScan
@Import({
  StoreConfiguration.class,
  BrokerConfiguration.class,
  LoopConfiguration.class,
  TraceConfiguration.class
})
public class TaskApiApplication {

  public static void main(String[] args) {
    builder().run(args);
  }

  /**
   * The service with its own configuration, {@code task-api.yaml}: not {@code application.yaml},
   * because the standalone has three services on one classpath.
   */
  public static SpringApplicationBuilder builder() {
    return new SpringApplicationBuilder(TaskApiApplication.class)
        .web(WebApplicationType.SERVLET)
        .properties("spring.config.name=application,task-api");
  }
}
