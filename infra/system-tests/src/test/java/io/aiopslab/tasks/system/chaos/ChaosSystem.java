package io.aiopslab.tasks.system.chaos;

import io.aiopslab.tasks.system.ServiceEnvironment;
import io.aiopslab.tasks.system.ServiceProcess;
import io.aiopslab.tasks.testing.TestBroker;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Servers of its own and two of each service. Times are short: a worker is lost after 5 s, and its
 * minute has 6 s.
 */
final class ChaosSystem implements AutoCloseable {
  static final String BACKEND = "chaos";
  private static final int WORKERS = 2;
  private static final int SLOTS = 3;

  private final Path directory;
  private final boolean smallDisks;
  private final Servers servers;
  private final CallbackReceiver receiver = new CallbackReceiver();
  private final List<SmallDisk> disks = new ArrayList<>();
  private final List<ServiceProcess> services = new ArrayList<>();
  private final List<ServiceProcess> apis;
  private final List<ServiceProcess> collectors;
  private final List<ServiceProcess> workers;

  private ChaosSystem(Path directory, boolean smallDisks, Servers servers) {
    this.directory = directory;
    this.smallDisks = smallDisks;
    this.servers = servers;
    try {
      apis =
          Stream.generate(
                  () -> service("task-api", Map.of("AIOPSLAB_CALLBACKS_ALLOWED", "127.0.0.1")))
              .limit(2)
              .toList();
      collectors =
          Stream.generate(() -> service("result-collector", collectorSettings())).limit(2).toList();
      workers =
          IntStream.range(0, WORKERS)
              .mapToObj(i -> service("task-worker", workerSettings("w" + i)))
              .toList();
      services.forEach(ServiceProcess::awaitReady);
    } catch (RuntimeException | AssertionError e) {
      close();
      throw e;
    }
  }

  /**
   * Starts everything and waits until it is ready.
   *
   * @param directory where the services log
   * @param smallDisks whether each worker's spool is on a disk of its own, which takes root
   * @param servers are closed with it
   */
  static ChaosSystem start(Path directory, boolean smallDisks, Servers servers) {
    return new ChaosSystem(directory, smallDisks, servers);
  }

  private ServiceProcess service(String module, Map<String, String> settings) {
    Map<String, String> environment = servers.settings(module);
    environment.putAll(settings);
    ServiceProcess service = ServiceProcess.start(module, directory, environment);
    services.add(service);
    return service;
  }

  private static Map<String, String> collectorSettings() {
    return Map.ofEntries(
        Map.entry("AIOPSLAB_COLLECTOR_LOSTWORKERAFTER", "5s"),
        Map.entry("AIOPSLAB_COLLECTOR_SETTLE", "3s"),
        Map.entry("AIOPSLAB_COLLECTOR_SWEEPINTERVAL", "500ms"),
        Map.entry("AIOPSLAB_COLLECTOR_OVERDUEGRACE", "15s"),
        Map.entry("AIOPSLAB_COLLECTOR_CANCELGRACE", "15s"),
        Map.entry("AIOPSLAB_CALLBACKS_SECRET", CallbackReceiver.SECRET),
        Map.entry("AIOPSLAB_CALLBACKS_ALLOWED", "127.0.0.1"),
        Map.entry("AIOPSLAB_CALLBACKS_RETRYAFTER", "300ms,1s,2s"),
        Map.entry("AIOPSLAB_CALLBACKS_DEADLINE", "2s"),
        Map.entry("AIOPSLAB_CALLBACKS_CONNECTTIMEOUT", "1s"),
        Map.entry("AIOPSLAB_CALLBACKS_LEASE", "4s"),
        Map.entry("AIOPSLAB_CALLBACKS_POLLINTERVAL", "200ms"),
        Map.entry("AIOPSLAB_CALLBACKS_BREAKERPAUSE", "500ms"));
  }

  private Map<String, String> workerSettings(String name) {
    String[] clusters =
        IntStream.range(0, SLOTS).mapToObj(i -> name + "-" + i).toArray(String[]::new);
    Map<String, String> settings =
        new HashMap<>(ServiceEnvironment.slots(directory, BACKEND, clusters));
    if (smallDisks) {
      Path spool = Path.of(settings.getOrDefault("AIOPSLAB_WORKER_SPOOLDIRECTORY", ""));
      disks.add(new SmallDisk(spool));
      settings.put("AIOPSLAB_WORKER_MAXPROTOCOLLINE", SmallDisk.LONGEST_LINE);
    }
    for (int i = 0; i < SLOTS; i++) {
      String prefix = "AIOPSLAB_WORKER_CLUSTERS_" + i + "_";
      settings.put(prefix + "ENVIRONMENT", "command");
      settings.put(prefix + "COMMAND", "python3,-I,-S," + program() + "," + recordsFile());
    }
    settings.put("AIOPSLAB_WORKER_POLLINTERVAL", "1s");
    settings.put("AIOPSLAB_WORKER_HEARTBEATINTERVAL", "500ms");
    settings.put("AIOPSLAB_WORKER_RESENDAFTER", "3s");
    settings.put("AIOPSLAB_WORKER_MINUTE", "6s");
    settings.put("AIOPSLAB_WORKER_KILLGRACE", "2s");
    settings.put("AIOPSLAB_WORKER_SHUTDOWNGRACE", "1s");
    return settings;
  }

  private static Path program() {
    try {
      return Path.of(
          Objects.requireNonNull(ChaosSystem.class.getResource("/chaos_run.py")).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private Path recordsFile() {
    return directory.resolve("runs.jsonl");
  }

  RunRecords records() {
    return RunRecords.read(recordsFile());
  }

  List<ServiceProcess> apis() {
    return apis;
  }

  List<ServiceProcess> collectors() {
    return collectors;
  }

  List<ServiceProcess> workers() {
    return workers;
  }

  List<ServiceProcess> services() {
    return List.copyOf(services);
  }

  /** Where the workers' spools are, if the disks are small. */
  List<SmallDisk> disks() {
    return List.copyOf(disks);
  }

  /** Ids of the workers that this process holds. */
  List<String> clusters(ServiceProcess worker) {
    int index = workers.indexOf(worker);
    return IntStream.range(0, SLOTS).mapToObj(i -> "w" + index + "-" + i).toList();
  }

  /** Servers of the kind that a fault is made for. */
  <S extends Servers> S servers(Class<S> kind) {
    return kind.cast(servers);
  }

  TestBroker broker() {
    return servers.broker();
  }

  JdbcClient sql() {
    return JdbcClient.create(servers.database());
  }

  CallbackReceiver receiver() {
    return receiver;
  }

  /** Without ceremony: nothing that is closed here is looked at afterwards. */
  @Override
  public void close() {
    services.stream().filter(ServiceProcess::isAlive).forEach(ServiceProcess::kill);
    disks.forEach(SmallDisk::close);
    receiver.close();
    servers.close();
  }
}
