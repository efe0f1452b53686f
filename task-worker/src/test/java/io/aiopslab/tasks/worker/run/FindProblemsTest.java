package io.aiopslab.tasks.worker.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.trace.TaskTraces;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import io.micrometer.tracing.Tracer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import tools.jackson.databind.node.ObjectNode;

class FindProblemsTest {
  @TempDir Path scratch;

  @Test
  void theSimulatorsProblemsAreKnownWithTypeApplicationAndLevel() throws Exception {
    ObjectNode found = Objects.requireNonNull(find(Map.of()));
    assertThat(found.path("problems")).hasSize(35);
    assertThat(found.path("problems").get(0) + "")
        .isEqualTo(
            "{\"id\":\"noop_detection_hotel_reservation-1\",\"task_type\":\"detection\",\"application\":\"hotel-reservation\",\"level\":1}");
    try (Stream<Path> left = Files.walk(scratch)) {
      assertThat(left).noneMatch(path -> path.getFileName().toString().startsWith("problems-"));
    }
  }

  @Test
  void whatCannotBeAskedIsNotKnown() throws Exception {
    assertThat(find(Map.of("python", "/nowhere/python"))).isNull();
    assertThat(find(Map.of("environment", "aiopslab", "aiopslab-home", scratch.toString())))
        .isNull();
    assertThat(find(Map.of("environment", "command", "command", "echo"))).isNull();
    assertThat(find(Map.of("runner-command", "echo"))).isNull();
  }

  private @Nullable ObjectNode find(Map<String, String> cluster) throws Exception {
    Map<String, String> keys = new HashMap<>();
    keys.put("aiopslab.worker.scratch-directory", scratch.toString());
    keys.put("aiopslab.worker.clusters[0].name", "kind-1");
    cluster.forEach((key, value) -> keys.put("aiopslab.worker.clusters[0]." + key, value));
    WorkerSettings settings =
        new Binder(new MapConfigurationPropertySource(keys))
            .bind("aiopslab.worker", WorkerSettings.class)
            .get();
    RunUser user = new RunUser(settings);
    ScratchDirectories directories = new ScratchDirectories(settings, user);
    return new FindProblems(
            new RunnerFiles(settings, directories, user),
            new RunVariables(settings, new TaskTraces(Tracer.NOOP)),
            directories,
            user)
        .of(settings.clusters().get(0));
  }
}
