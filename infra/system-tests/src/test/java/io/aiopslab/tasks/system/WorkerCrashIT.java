package io.aiopslab.tasks.system;

import static io.aiopslab.tasks.system.WorkerProcess.command;
import static io.aiopslab.tasks.system.WorkerProcess.enders;
import static io.aiopslab.tasks.system.WorkerProcess.family;
import static io.aiopslab.tasks.system.WorkerProcess.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.failpoint.Failpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
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
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/**
 * A worker is killed. No sweep of the collector helps here: what its tasks become, its successor
 * says, at once.
 */
@Tag("long")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WorkerCrashIT {
  private static final Duration LONG = Duration.ofSeconds(90);

  private Path directory;
  private RunningSystem system;

  @BeforeAll
  void start(@TempDir Path shared) {
    directory = shared;
    system = RunningSystem.startWithSlowSweeps(shared);
  }

  @AfterAll
  void stop() {
    system.close();
  }

  @Test
  void aKilledWorkersProcessesAreGoneAndItsTaskIsFailedAsSoonAsItIsBack() throws Exception {
    Map<String, String> settings = command("family.py", directory.resolve("end-killed"));
    String lost = system.client().submit(task("killed"));
    ServiceProcess killed = system.worker(settings, "killed", "killed-a");
    List<Long> pids = family(system.client(), lost);
    killed.kill();
    WorkerProcess.awaitGone(pids);
    assertThat(system.client().task(lost).path("status").asString()).isEqualTo("running");

    try (ServiceProcess next = system.worker(settings, "killed", "killed-a")) {
      assertLost(lost);
      assertThat(system.client().logs(lost)).isNotEmpty();
      Files.createFile(directory.resolve("end-killed"));
      assertCompleted(system.client().submit(task("killed")));
    }
  }

  @Test
  void nothingOutlivesAWorkerThatIsKilledTogetherWithItsSupervisor() throws Exception {
    String lost = system.client().submit(task("both"));
    ServiceProcess killed =
        system.worker(command("family.py", directory.resolve("never")), "both", "both-a");
    List<Long> pids = family(system.client(), lost);
    long supervisor =
        ProcessHandle.of(pids.get(0)).flatMap(ProcessHandle::parent).orElseThrow().pid();
    WorkerProcess.signal("KILL", List.of(killed.pid(), supervisor));
    WorkerProcess.awaitGone(pids);
    killed.kill();
  }

  @Test
  void aResultThatIsStillInTheSpoolWinsOverTheLossOfItsWorker() throws Exception {
    Path end = directory.resolve("end-spooled");
    String id = system.client().submit(task("spooled"));
    ServiceProcess killed = system.worker(command("family.py", end), "spooled", "spooled-a");
    family(system.client(), id);
    system.broker().stop();
    Files.createFile(end);
    await("the result is in the spool")
        .atMost(LONG)
        .until(() -> spooled("spool-spooled-a").contains("\"kind\":\"finished\""));
    killed.kill();
    system.broker().start();
    try (ServiceProcess next = system.worker(command("family.py", end), "spooled", "spooled-a")) {
      assertCompleted(id);
      assertThat(WorkerProcess.count(system, "stale_reports WHERE true", id)).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"AFTER_CLAIM_BEFORE_SPAWN", "AFTER_EXIT_BEFORE_RESULT"})
  void whereverAWorkerDiesItsTaskIsFailedOnceItIsBack(Failpoint place) throws Exception {
    String backend = place.label();
    Map<String, String> armed = new HashMap<>();
    armed.put("JAVA_TOOL_OPTIONS", "-Daiopslab.failpoint=" + place.label());
    ServiceProcess dying = system.worker(armed, backend, backend);
    String lost = system.client().submit(task(backend));
    await(place + " is reached").atMost(LONG).until(() -> !WorkerProcess.runs(dying.pid()));
    assertThat(system.client().task(lost).path("status").asString()).isEqualTo("running");

    try (ServiceProcess next = system.worker(backend, backend)) {
      assertLost(lost);
      assertCompleted(system.client().submit(task(backend)));
      await("everything is stored")
          .atMost(LONG)
          .until(
              () ->
                  spoolFiles("spool-" + backend).stream()
                      .noneMatch(file -> file.toString().endsWith(".events")));
    }
    assertThat(WorkerProcess.count(system, "task_transitions WHERE to_status = 'running'", lost))
        .isEqualTo(1);
  }

  private void assertLost(String id) {
    JsonNode task = system.client().awaitEnd(id, Duration.ofSeconds(20));
    assertThat(task.path("failure_code").asString()).as(task.toString()).isEqualTo("worker_lost");
    assertThat(task.path("error_details").asString()).contains("Submit the task again");
    assertThat(enders(system, id)).containsExactly("collector");
  }

  private void assertCompleted(String id) {
    JsonNode task = system.client().awaitEnd(id, LONG);
    assertThat(task.path("status").asString()).as(task.toString()).isEqualTo("completed");
    assertThat(enders(system, id)).containsExactly("collector");
  }

  private String spooled(String name) throws IOException {
    StringBuilder text = new StringBuilder();
    for (Path file : spoolFiles(name)) {
      if (file.toString().endsWith(".events")) {
        text.append(Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1));
      }
    }
    return text.toString();
  }

  private List<Path> spoolFiles(String name) throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve(name))) {
      return files.toList();
    }
  }
}
