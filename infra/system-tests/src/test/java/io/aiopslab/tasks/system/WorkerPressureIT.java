package io.aiopslab.tasks.system;

import static io.aiopslab.tasks.system.WorkerProcess.command;
import static io.aiopslab.tasks.system.WorkerProcess.family;
import static io.aiopslab.tasks.system.WorkerProcess.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/**
 * Workers that are flooded, that have no room on their disk, that were frozen, and their secrets.
 */
@Tag("thorough")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WorkerPressureIT {
  private static final Duration LONG = Duration.ofSeconds(90);

  /** A JVM of 256 MB, with what it needs beside its heap. */
  private static final long MOST_RESIDENT_KB = 640 * 1024;

  /** 1 prints a gigabyte and a million lines; the default fits into CI. */
  private static final double SCALE =
      Double.parseDouble(System.getProperty("aiopslab.flood.scale", "0.2"));

  private Path directory;
  private RunningSystem system;

  @BeforeAll
  void start(@TempDir Path shared) {
    directory = shared;
    system = RunningSystem.start(shared);
  }

  @AfterAll
  void stop() {
    system.close();
  }

  @ParameterizedTest
  @CsvSource({"bytes, 1073741824, true", "long, 1000000000, false", "lines, 1000000, false"})
  void aFloodIsCutWithALineThatSaysHowMuchAndTheWorkersMemoryIsBounded(
      String kind, long full, boolean cut) throws Exception {
    Map<String, String> settings = command("flood.py", kind, (long) (full * SCALE));
    settings.put("AIOPSLAB_WORKER_MAXRUNLOG", SCALE < 1 ? "4MB" : "64MB");
    String backend = "flood-" + kind;
    try (ServiceProcess worker = system.worker(settings, backend, backend)) {
      long began = System.nanoTime();
      String id = system.client().submit(task(backend));
      JsonNode task = system.client().awaitEnd(id, Duration.ofMinutes(10));
      assertThat(task.path("status").asString()).as(task.toString()).isEqualTo("completed");
      long said = task.path("result").path("log_lines").asLong();
      await("every line is stored")
          .atMost(Duration.ofMinutes(5))
          .until(() -> WorkerProcess.count(system, "task_logs WHERE true", id) == said);
      String lastLine =
          system
              .database()
              .sql("SELECT message FROM task_logs WHERE task_id = ?::uuid AND seq = ?")
              .params(id, said - 1)
              .query(String.class)
              .single();
      long resident = peakResidentKb(worker.pid());
      System.out.printf(
          "Flood of %s at scale %s: %d lines stored in %d ms, worker's peak %d MB, last line: %s%n",
          kind, SCALE, said, (System.nanoTime() - began) / 1_000_000, resident / 1024, lastLine);
      assertThat(lastLine.contains("were left out")).isEqualTo(cut);
      assertThat(resident).isLessThan(MOST_RESIDENT_KB);
    }
  }

  private static long peakResidentKb(long pid) throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .sum();
    }
  }

  /**
   * The limit on the size of files makes every write fail that goes further, for this process only,
   * and needs no rights: to a program it is as a full disk.
   */
  @Test
  void withAFullDiskNothingCrashesNothingIsClaimedAndTheResultWaitsForRoom() throws Exception {
    Path end = directory.resolve("end-full");
    String id = system.client().submit(task("full"));
    try (ServiceProcess worker = system.worker(command("family.py", end), "full", "full-a")) {
      HttpCalls actuator = new HttpCalls(worker.url());
      List<Long> pids = family(system.client(), id);
      system.broker().stop();
      try {
        limitFiles(worker, "65536");
        await("the worker says that it is full")
            .atMost(LONG)
            .until(() -> actuator.get("/actuator/health/readiness").status() == 503);
        assertThat(actuator.get("/actuator/health").body().toString())
            .contains("free space on its disk");
        Files.createFile(end);
        WorkerProcess.awaitGone(pids);
        assertThat(new ServiceMeters(worker.url()).value("aiopslab_worker_spool_full", ""))
            .isEqualTo(1);
        String next = system.client().submit(task("full"));
        await("the run waits for room")
            .during(Duration.ofSeconds(2))
            .atMost(LONG)
            .until(() -> status(id).equals("running") && status(next).equals("pending"));
        assertThat(Files.readString(worker.log()).split("From now on", -1)).hasSize(2);

        limitFiles(worker, "unlimited");
        await("the worker is ready again")
            .atMost(LONG)
            .until(() -> actuator.get("/actuator/health/readiness").status() == 200);
        system.broker().start();
        assertCompleted(id);
        assertCompleted(next);
      } finally {
        limitFiles(worker, "unlimited");
        system.broker().start();
      }
      List<JsonNode> lines = system.client().logs(id);
      assertThat(WorkerProcess.last(lines)).contains("were left out");
      assertThat(lines)
          .hasSize(system.client().task(id).at("/result/log_lines").asInt())
          .allSatisfy(line -> assertThat(line.path("seq").asInt()).isEqualTo(lines.indexOf(line)));
    }
  }

  private String status(String id) {
    return system.client().task(id).path("status").asString();
  }

  private static void limitFiles(ServiceProcess worker, String bytes) throws Exception {
    String limit = "--fsize=" + bytes + ":unlimited";
    int status =
        new ProcessBuilder("prlimit", "--pid", Long.toString(worker.pid()), limit)
            .start()
            .waitFor();
    assertThat(status).as("prlimit").isZero();
  }

  @Test
  void aWorkerThatWasFrozenUntilItsTaskWasLostEndsItsRunAndGoesOn() throws Exception {
    Path end = directory.resolve("end-frozen");
    String lost = system.client().submit(task("frozen"));
    try (ServiceProcess worker = system.worker(command("family.py", end), "frozen", "frozen-a")) {
      List<Long> pids = family(system.client(), lost);
      WorkerProcess.signal("STOP", List.of(worker.pid()));
      JsonNode task;
      try {
        task = system.client().awaitEnd(lost, LONG);
      } finally {
        WorkerProcess.signal("CONT", List.of(worker.pid()));
      }
      assertThat(task.path("failure_code").asString()).isEqualTo("worker_lost");
      WorkerProcess.awaitGone(pids);
      await("what it says is kept as evidence")
          .atMost(LONG)
          .until(() -> WorkerProcess.count(system, "stale_reports WHERE true", lost) == 1);
      assertThat(system.client().task(lost)).isEqualTo(task);
      Files.createFile(end);
      assertCompleted(system.client().submit(task("frozen")));
    }
  }

  @Test
  void noSecretOfTheWorkerIsInTheEnvironmentOfAnyProcessBelowIt() throws Exception {
    Map<String, String> settings = command("family.py", directory.resolve("end-secret"));
    settings.put("AIOPSLAB_WORKER_CLUSTERS_1_NAME", "secret-b");
    settings.put("AIOPSLAB_WORKER_CLUSTERS_1_BACKENDTYPE", "secret-runner");
    settings.put("AIOPSLAB_WORKER_CLUSTERS_1_ENVIRONMENT", "simulator");
    settings.put("AIOPSLAB_WORKER_MODELKEYS_0_VARIABLE", "ALLOWED_MODEL_KEY");
    settings.put("AIOPSLAB_WORKER_MODELKEYS_0_BASEURL", "http://127.0.0.1:9/v1");
    settings.put("ALLOWED_MODEL_KEY", "canary-allowed");
    for (String name :
        List.of(
            "OPENAI_API_KEY",
            "PGPASSWORD",
            "SPRING_DATASOURCE_HIKARI_POOLNAME",
            "AWS_SECRET",
            "A_CANARY")) {
      settings.put(name, "canary-" + name);
    }
    String command = system.client().submit(task("secret"));
    String runner =
        system
            .client()
            .submit(
                """
                {"problem_id": "misconfig_app_hotel_res-detection-1",
                 "backend_type": "secret-runner",
                 "agent_config": {"agent": "rule_based", "delay_ms": 20000}}
                """);
    try (ServiceProcess worker = system.worker(settings, "secret", "secret-a")) {
      family(system.client(), command);
      system.client().awaitStatus(runner, "running");
      List<Environment> below =
          await("supervisors, guards, command, its child, and runner")
              .atMost(LONG)
              .until(() -> environments(worker.pid()), found -> found.size() >= 7);
      assertThat(Environment.read(worker.pid()).text()).contains("canary-A_CANARY");
      for (Environment each : below) {
        boolean isRunner = each.text().contains("AIOPSLAB_CLUSTER=secret-b");
        assertThat(each.text().replace(isRunner ? "canary-allowed" : "", ""))
            .as(each.command())
            .doesNotContain("canary", "SPRING_", "RABBITMQ", "jdbc:");
      }
      assertThat(below).anyMatch(each -> each.command().contains("supervise.py"));
      assertThat(below).anyMatch(each -> each.command().contains("family.py"));
      assertThat(below).anyMatch(each -> each.command().contains("-m aiopslab_runner"));
      system.client().cancel(command, "seen");
      system.client().cancel(runner, "seen");
    }
  }

  private record Environment(String command, String text) {
    static Environment read(long pid) throws IOException {
      Path process = Path.of("/proc/" + pid);
      return new Environment(words(process.resolve("cmdline")), words(process.resolve("environ")));
    }

    private static String words(Path file) throws IOException {
      return Files.readString(file, StandardCharsets.ISO_8859_1).replace('\0', ' ');
    }
  }

  private static List<Environment> environments(long worker) {
    return ProcessHandle.of(worker).stream()
        .flatMap(ProcessHandle::descendants)
        .map(
            process -> {
              try {
                return Environment.read(process.pid());
              } catch (IOException e) {
                return new Environment("", ""); // it has ended
              }
            })
        .filter(each -> !each.text().isEmpty() && each.command().contains("python"))
        .toList();
  }

  private void assertCompleted(String id) {
    JsonNode task = system.client().awaitEnd(id, LONG);
    assertThat(task.path("status").asString()).as(task.toString()).isEqualTo("completed");
  }
}
