package io.aiopslab.tasks.worker;

import io.aiopslab.tasks.broker.BrokerConfiguration;
import io.aiopslab.tasks.broker.ServedClusters;
import io.aiopslab.tasks.loop.LoopConfiguration;
import io.aiopslab.tasks.store.StoreConfiguration;
import io.aiopslab.tasks.trace.TraceConfiguration;
import io.aiopslab.tasks.worker.settings.ClusterSettings;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import java.time.Clock;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** The worker service. */
@SpringBootApplication(proxyBeanMethods = false)
@EnableConfigurationProperties(WorkerSettings.class)
@Import({
  StoreConfiguration.class,
  BrokerConfiguration.class,
  LoopConfiguration.class,
  TraceConfiguration.class
})
public class TaskWorkerApplication {

  /** For the standalone, which runs several services in one JVM. */
  public static SpringApplicationBuilder builder() {
    return new SpringApplicationBuilder(TaskWorkerApplication.class)
        .properties("spring.config.name=application,task-worker");
  }

  public static void main(String[] args) {
    builder().run(args);
  }

  @Bean
  Clock clock() {
    return Clock.systemUTC();
  }

  @Bean
  ServedClusters servedClusters(WorkerSettings settings) {
    return new ServedClusters(settings.clusters().stream().map(ClusterSettings::name).toList());
  }
}
