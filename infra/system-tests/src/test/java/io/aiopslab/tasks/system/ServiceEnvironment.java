package io.aiopslab.tasks.system;

import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The environment variables that an operator sets for a service. */
public final class ServiceEnvironment {
  private ServiceEnvironment() {}

  /** Where the database and the broker are, and as whom to come. */
  public static Map<String, String> servers(TestDatabase database, TestBroker broker) {
    Map<String, String> environment = new HashMap<>();
    environment.put("SPRING_DATASOURCE_URL", database.jdbcUrl());
    environment.put("SPRING_DATASOURCE_USERNAME", database.username());
    environment.put("SPRING_DATASOURCE_PASSWORD", database.password());
    environment.put("SPRING_RABBITMQ_HOST", broker.host());
    environment.put("SPRING_RABBITMQ_PORT", Integer.toString(broker.port()));
    environment.put("SPRING_RABBITMQ_USERNAME", broker.username());
    environment.put("SPRING_RABBITMQ_PASSWORD", broker.password());
    environment.put("SPRING_RABBITMQ_VIRTUALHOST", broker.virtualHost());
    return environment;
  }

  /** A simulator slot for each cluster; spool and scratch directory are named for the first. */
  public static Map<String, String> slots(Path directory, String backendType, String... clusters) {
    Map<String, String> environment = new HashMap<>();
    for (int i = 0; i < clusters.length; i++) {
      String prefix = "AIOPSLAB_WORKER_CLUSTERS_" + i + "_";
      environment.put(prefix + "NAME", clusters[i]);
      environment.put(prefix + "BACKENDTYPE", backendType);
      environment.put(prefix + "ENVIRONMENT", "simulator");
    }
    environment.put(
        "AIOPSLAB_WORKER_SPOOLDIRECTORY", directory.resolve("spool-" + clusters[0]).toString());
    environment.put(
        "AIOPSLAB_WORKER_SCRATCHDIRECTORY", directory.resolve("scratch-" + clusters[0]).toString());
    return environment;
  }
}
