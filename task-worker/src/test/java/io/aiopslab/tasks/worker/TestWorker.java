package io.aiopslab.tasks.worker;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.store.TaskSubmissions;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskSpec;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.node.ObjectNode;

/** A worker with one slot in this JVM, on real servers; it migrates the database itself. */
final class TestWorker implements AutoCloseable {
  private final ConfigurableApplicationContext context;

  private TestWorker(ConfigurableApplicationContext context) {
    this.context = context;
  }

  static TestWorker start(
      TestDatabase database, TestBroker broker, Path directory, String runner, String... settings) {
    List<String> arguments = arguments(database, broker, directory, runner);
    for (String setting : settings) {
      String key = setting.substring(0, setting.indexOf('=') + 1);
      arguments.removeIf(argument -> argument.startsWith(key)); // twice would be a list of both
      arguments.add(setting);
    }
    return new TestWorker(TaskWorkerApplication.builder().run(arguments.toArray(String[]::new)));
  }

  /** Arguments of a worker, for this JVM or another. */
  static List<String> arguments(
      TestDatabase database, TestBroker broker, Path directory, String runner) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--server.port=0",
                "--spring.liquibase.enabled=true",
                "--spring.datasource.url=" + database.jdbcUrl(),
                "--spring.datasource.username=" + database.username(),
                "--spring.datasource.password=" + database.password(),
                "--spring.rabbitmq.host=" + broker.host(),
                "--spring.rabbitmq.port=" + broker.port(),
                "--spring.rabbitmq.username=" + broker.username(),
                "--spring.rabbitmq.password=" + broker.password(),
                "--spring.rabbitmq.virtual-host=" + broker.virtualHost(),
                "--aiopslab.worker.clusters[0].name=kind-1",
                "--aiopslab.worker.scratch-directory=" + directory.resolve("scratch"),
                "--aiopslab.worker.spool-directory=" + directory.resolve("spool"),
                "--aiopslab.worker.poll-interval=1s"));
    if (!runner.isEmpty()) {
      arguments.add("--aiopslab.worker.clusters[0].runner-command=" + runnerCommand(runner));
    }
    return arguments;
  }

  /**
   * One that starts a command instead of a runner.
   *
   * @param name of the cluster, and the only backend that it serves
   */
  static TestWorker startCommand(
      TestDatabase database,
      TestBroker broker,
      Path directory,
      String name,
      String command,
      String... settings) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "--aiopslab.worker.poll-interval=50ms",
                "--aiopslab.worker.clusters[0].name=" + name,
                "--aiopslab.worker.clusters[0].backend-type=" + name,
                "--aiopslab.worker.clusters[0].environment=command",
                "--aiopslab.worker.clusters[0].command=" + command));
    all.addAll(List.of(settings));
    return start(database, broker, directory, "", all.toArray(String[]::new));
  }

  static String runnerCommand(String runner) {
    return "python3," + script("/runners/" + runner);
  }

  static String script(String name) {
    URL url = TestWorker.class.getResource(name);
    try {
      return Path.of(Objects.requireNonNull(url, name).toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }

  Task submit(String problemId) {
    return submit(problemId, "default", Json.mapper().createObjectNode());
  }

  Task submit(String problemId, String backend, ObjectNode agentConfig) {
    var none = Json.mapper().createObjectNode();
    return bean(TaskSubmissions.class)
        .submit(new TaskSpec(problemId, backend, 5, 30, 1, agentConfig, none, null));
  }

  /** Whether the broker has everything; what nobody has stored yet is kept all the same. */
  boolean hasSentEverything() {
    return gauge("aiopslab.worker.spool.bytes") == gauge("aiopslab.worker.spool.kept.bytes");
  }

  double gauge(String name) {
    return bean(MeterRegistry.class).get(name).gauge().value();
  }

  <T> T bean(Class<T> type) {
    return context.getBean(type);
  }

  /** A clean stop, as SIGTERM makes it. */
  void stop() {
    context.close();
  }

  @Override
  public void close() {
    stop();
  }
}
