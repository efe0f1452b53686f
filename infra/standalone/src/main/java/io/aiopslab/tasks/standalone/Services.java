package io.aiopslab.tasks.standalone;

import io.aiopslab.tasks.api.TaskApiApplication;
import io.aiopslab.tasks.collector.ResultCollectorApplication;
import io.aiopslab.tasks.worker.TaskWorkerApplication;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The three services, each a Spring context of its own, as they would run in three processes. */
final class Services implements AutoCloseable {
  /**
   * Springdoc is on everybody's class path here, and its converters of models are the JVM's: those
   * of a service without calls would go into the description of the API.
   */
  private static final String NO_DESCRIPTION = "--springdoc.api-docs.enabled=false";

  private final List<ConfigurableApplicationContext> inOrderOfStart = new ArrayList<>();

  private Services() {}

  static Services start(StandaloneSettings settings, Servers servers, StartUp startUp) {
    Services services = new Services();
    try {
      // The API migrates the schema, so it comes first; the collector is there before any run ends.
      services.add(
          startUp,
          "task-api",
          TaskApiApplication.builder(),
          arguments(settings, servers, settings.apiPort(), List.of()));
      services.add(
          startUp,
          "result-collector",
          ResultCollectorApplication.builder(),
          arguments(settings, servers, settings.collectorPort(), List.of(NO_DESCRIPTION)));
      services.add(
          startUp,
          "task-worker, %d simulated clusters".formatted(settings.workers()),
          TaskWorkerApplication.builder(),
          arguments(settings, servers, settings.workerPort(), clusters(settings)));
      return services;
    } catch (RuntimeException e) {
      services.close();
      throw e;
    }
  }

  private void add(
      StartUp startUp, String what, SpringApplicationBuilder builder, String[] arguments) {
    inOrderOfStart.add(
        startUp.part(what, () -> builder.registerShutdownHook(false).run(arguments)));
  }

  private static String[] arguments(
      StandaloneSettings settings, Servers servers, int port, List<String> more) {
    List<String> all = new ArrayList<>(settings.arguments());
    all.addAll(servers.arguments());
    all.add("--server.port=" + port);
    all.add("--logging.file.name=" + settings.dataDirectory().resolve("logs/standalone.log"));
    all.add("--logging.threshold.console=error");
    all.addAll(more);
    return all.toArray(String[]::new);
  }

  private static List<String> clusters(StandaloneSettings settings) {
    List<String> all = new ArrayList<>(List.of(NO_DESCRIPTION));
    for (int i = 0; i < settings.workers(); i++) {
      String prefix = "--aiopslab.worker.clusters[" + i + "].";
      all.add(prefix + "name=simulated-" + (i + 1));
      all.add(prefix + "environment=simulator");
      all.add(prefix + "python=" + settings.python());
    }
    all.add("--aiopslab.worker.spool-directory=" + settings.dataDirectory().resolve("spool"));
    all.add("--aiopslab.worker.scratch-directory=" + settings.dataDirectory().resolve("scratch"));
    return all;
  }

  /** Stops the worker first, so that what it reports at its end is still collected. */
  @Override
  public void close() {
    for (int i = inOrderOfStart.size() - 1; i >= 0; i--) {
      inOrderOfStart.get(i).close();
    }
  }
}
