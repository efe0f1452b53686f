package io.aiopslab.tasks.standalone;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.springframework.core.env.SimpleCommandLinePropertySource;
import org.springframework.core.env.StandardEnvironment;

/**
 * How to start, from the command line ({@code --key=value}), system properties or environment.
 *
 * @param dataDirectory keeps database, queues and logs; {@code aiopslab.standalone.data-directory}
 * @param address where the services listen, {@code server.address}; this machine alone unless set
 * @param apiPort {@code aiopslab.standalone.api-port}; the worker's and the collector's monitoring
 *     ports are the next two
 * @param workers how many simulated clusters, 1 to 64; {@code aiopslab.standalone.workers}
 * @param sampleTask whether to run one at start; {@code aiopslab.standalone.sample-task}
 * @param python interpreter for the runs; {@code aiopslab.standalone.python}
 * @param externalDatabase whether {@code spring.datasource.url} names a server to use instead
 * @param externalBroker whether {@code spring.rabbitmq.*} names a server to use instead
 * @param arguments handed to each service as they are
 */
record StandaloneSettings(
    Path dataDirectory,
    String address,
    int apiPort,
    int workers,
    boolean sampleTask,
    String python,
    boolean externalDatabase,
    boolean externalBroker,
    List<String> arguments) {
  private static final String PREFIX = "aiopslab.standalone.";
  private static final String LOOPBACK = "127.0.0.1";
  private static final Set<String> REACHED_AS_LOCALHOST = Set.of(LOOPBACK, "0.0.0.0", "::", "");

  static StandaloneSettings from(String... args) {
    StandardEnvironment environment = new StandardEnvironment();
    environment.getPropertySources().addFirst(new SimpleCommandLinePropertySource(args));
    int workers = environment.getProperty(PREFIX + "workers", Integer.class, 2);
    if (workers < 1 || workers > 64) {
      throw new CannotStartException(PREFIX + "workers must be 1 to 64, not " + workers + ".");
    }
    return new StandaloneSettings(
        Path.of(environment.getProperty(PREFIX + "data-directory", "data"))
            .toAbsolutePath()
            .normalize(),
        environment.getProperty("server.address", LOOPBACK),
        environment.getProperty(PREFIX + "api-port", Integer.class, 8000),
        workers,
        environment.getProperty(PREFIX + "sample-task", Boolean.class, true),
        environment.getProperty(PREFIX + "python", "python3"),
        environment.containsProperty("spring.datasource.url"),
        environment.containsProperty("spring.rabbitmq.host")
            || environment.containsProperty("spring.rabbitmq.addresses"),
        List.of(args));
  }

  int workerPort() {
    return apiPort + 1;
  }

  int collectorPort() {
    return apiPort + 2;
  }

  boolean isForThisMachineAlone() {
    return address.equals(LOOPBACK);
  }

  String apiUrl() {
    String host = REACHED_AS_LOCALHOST.contains(address) ? "localhost" : address;
    return "http://%s:%d".formatted(host.contains(":") ? "[" + host + "]" : host, apiPort);
  }
}
