package io.aiopslab.tasks.collector;

import io.aiopslab.tasks.broker.BrokerConfiguration;
import io.aiopslab.tasks.loop.LoopConfiguration;
import io.aiopslab.tasks.store.StoreConfiguration;
import io.aiopslab.tasks.trace.TraceConfiguration;
import java.time.InstantSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** Stores what runs report; fails the tasks that nobody reports on any more. */
@SpringBootApplication(proxyBeanMethods = false)
@ConfigurationPropertiesScan
@Import({
  StoreConfiguration.class,
  BrokerConfiguration.class,
  LoopConfiguration.class,
  TraceConfiguration.class
})
public class ResultCollectorApplication {

  public static void main(String[] args) {
    builder().run(args);
  }

  /**
   * The service with its own configuration, {@code result-collector.yaml}: not {@code
   * application.yaml}, because the standalone has three services on one classpath.
   */
  public static SpringApplicationBuilder builder() {
    return new SpringApplicationBuilder(ResultCollectorApplication.class)
        .web(WebApplicationType.SERVLET)
        .properties("spring.config.name=application,result-collector");
  }

  @Bean
  InstantSource clock() {
    return InstantSource.system();
  }
}
