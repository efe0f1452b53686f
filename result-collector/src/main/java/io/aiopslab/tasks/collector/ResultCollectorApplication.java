package io.aiopslab.tasks.collector;

import io.aiopslab.tasks.broker.BrokerConfiguration;
import io.aiopslab.tasks.store.StoreConfiguration;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.Import;
import org.springframework.scheduling.annotation.EnableScheduling;

/** Starts the result-collector. */
@SpringBootApplication
@ConfigurationPropertiesScan
@EnableScheduling
@Import({StoreConfiguration.class, BrokerConfiguration.class})
public class ResultCollectorApplication {

  public static void main(String[] args) {
    builder().run(args);
  }

  /** The service, configured by {@code result-collector.yaml}, not yet started. */
  public static SpringApplicationBuilder builder() {
    return new SpringApplicationBuilder(ResultCollectorApplication.class)
        .properties("spring.config.name=application,result-collector");
  }
}
