package io.aiopslab.tasks.system;

import io.aiopslab.tasks.testing.DistantBroker;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.util.FileSystemUtils;

/** A broker, a database, task-api and result-collector; workers are started by the tests. */
final class RunningSystem implements AutoCloseable {
  private static @Nullable RunningSystem shared;

  private final Path directory;
  private final Map<String, String> collectorSettings;
  private final Map<String, String> everywhere;
  private final DistantBroker broker = TestBroker.createDistant();
  private final TestDatabase database = TestDatabase.createMigrated();
  private final Deque<ServiceProcess> services = new ArrayDeque<>();
  private final ServiceProcess api;
  private final ServiceProcess collector;
  private final TaskClient client;

  private RunningSystem(
      Path directory, Map<String, String> collectorSettings, Map<String, String> everywhere) {
    this.directory = directory;
    this.collectorSettings = collectorSettings;
    this.everywhere = everywhere;
    try {
      api = service("task-api", Map.of("AIOPSLAB_REMOTE_HEARTBEATINTERVAL", "1s"));
      collector = service("result-collector", collectorSettings);
      collector.awaitReady();
      client = new TaskClient(api.awaitReady().url());
    } catch (RuntimeException | AssertionError e) {
      close();
      throw e;
    }
  }

  /**
   * The one for all classes of this JVM that need no settings of their own and name their own
   * backends; started at first use, it ends with the JVM.
   */
  static synchronized RunningSystem shared() {
    if (shared == null) {
      try {
        Path directory = Files.createTempDirectory("aiopslab-system-");
        RunningSystem system = start(directory);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(system, directory)));
        shared = system;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return shared;
  }

  private static void end(RunningSystem system, Path directory) {
    system.close();
    try {
      FileSystemUtils.deleteRecursively(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static RunningSystem start(Path directory) {
    return start(directory, Map.of());
  }

  /**
   * @param everywhere settings of all services
   */
  static RunningSystem start(Path directory, Map<String, String> everywhere) {
    return new RunningSystem(directory, fastSweeps(), everywhere);
  }

  /** One whose sweeps are too slow to end anything that something else ought to end. */
  static RunningSystem startWithSlowSweeps(Path directory) {
    return startWithSlowSweeps(directory, Map.of());
  }

  static RunningSystem startWithSlowSweeps(Path directory, Map<String, String> everywhere) {
    return new RunningSystem(
        directory,
        Map.of(
            "AIOPSLAB_COLLECTOR_LOSTWORKERAFTER", "10m",
            "AIOPSLAB_COLLECTOR_SETTLE", "10m"),
        everywhere);
  }

  /** Starts a worker process with a slot for each name. */
  ServiceProcess worker(String backendType, String... clusters) {
    return worker(Map.of(), backendType, clusters);
  }

  ServiceProcess worker(Map<String, String> settings, String backendType, String... clusters) {
    Map<String, String> environment = ServiceEnvironment.slots(directory, backendType, clusters);
    environment.put("AIOPSLAB_WORKER_POLLINTERVAL", "1s");
    environment.put("AIOPSLAB_WORKER_HEARTBEATINTERVAL", "1s");
    environment.putAll(settings);
    return service("task-worker", environment).awaitReady();
  }

  private static Map<String, String> fastSweeps() {
    return Map.of(
        "AIOPSLAB_COLLECTOR_LOSTWORKERAFTER", "6s",
        "AIOPSLAB_COLLECTOR_SETTLE", "3s",
        "AIOPSLAB_COLLECTOR_SWEEPINTERVAL", "500ms");
  }

  private ServiceProcess service(String module, Map<String, String> more) {
    Map<String, String> environment = ServiceEnvironment.servers(database, broker);
    environment.putAll(everywhere);
    environment.putAll(more);
    ServiceProcess service = ServiceProcess.start(module, directory, environment);
    services.push(service);
    return service;
  }

  /** A second instance of task-api, which serves the same tasks. */
  ServiceProcess anotherApi() {
    return service("task-api", Map.of()).awaitReady();
  }

  /** A second collector, which shares the work with the first. */
  ServiceProcess anotherCollector() {
    return service("result-collector", collectorSettings).awaitReady();
  }

  Iterable<ServiceProcess> services() {
    return services;
  }

  /** Where task-api answers. */
  String url() {
    return api.url();
  }

  /** Where result-collector answers, to those who watch it. */
  String collectorUrl() {
    return collector.url();
  }

  long apiPid() {
    return api.pid();
  }

  TaskClient client() {
    return client;
  }

  /** Which the services reach over a connection that can be cut. */
  DistantBroker broker() {
    return broker;
  }

  JdbcClient database() {
    return JdbcClient.create(database.dataSource());
  }

  @Override
  public void close() {
    services.forEach(ServiceProcess::close);
    broker.close();
    database.close();
  }
}
