package io.aiopslab.tasks.worker.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aiopslab.tasks.trace.TaskTraces;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import io.micrometer.tracing.Tracer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class RunDirectoriesTest {
  @TempDir Path scratch;

  @Test
  void aRunHasAHomeOfItsOwn() throws IOException {
    RunDirectory directory = create(settings(), null);
    assertThat(names(directory.root()))
        .containsExactlyInAnyOrder("home", "work", "tmp", "bin", "results");
    assertThat(names(directory.home())).isEmpty();
    assertThat(names(directory.bin())).isEmpty();
    assertThat(permissions(directory.root())).isEqualTo("rwx------");
  }

  @Test
  void theKubeconfigIsCopiedForTheRunAlone() throws IOException {
    Path original = Files.writeString(scratch.resolve("original"), "apiVersion: v1\n");
    RunDirectory directory = create(settings(), original);
    assertThat(directory.kubeconfig()).hasContent("apiVersion: v1\n");
    assertThat(directory.home().resolve(".kube/config")).isEqualTo(directory.kubeconfig());
    assertThat(permissions(directory.kubeconfig())).isEqualTo("rw-------");
  }

  @Test
  void aKubeconfigThatIsNotThereIsNamedAndNothingIsLeft() throws IOException {
    Path missing = scratch.resolve("missing");
    assertThatThrownBy(() -> create(settings(), missing))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the kubeconfig " + missing);
    try (Stream<Path> all = Files.walk(scratch, 2)) {
      assertThat(all.map(Path::getFileName).map(Path::toString))
          .noneMatch(name -> name.startsWith("run-"));
    }
  }

  @Test
  void aKindClusterHasItsDockerGuarded() throws IOException {
    RunDirectory directory =
        create(settings("aiopslab.worker.clusters[0].kind.managed", "true"), null);
    assertThat(names(directory.bin())).containsExactly("docker");
    assertThat(directory.bin().resolve("docker")).isExecutable();
    assertThat(directory.bin().resolve("docker")).content().startsWith("#!/bin/sh\n");
  }

  @Test
  void nothingOfTheOperatorsHomeIsInherited() throws IOException {
    WorkerSettings settings =
        settings("aiopslab.worker.pass-environment", "XDG_CACHE_HOME,KUBECONFIG,HOME,PATH");
    RunDirectory directory = create(settings, null);
    Map<String, String> variables =
        new RunVariables(settings, new TaskTraces(Tracer.NOOP)).of(request(), directory);
    assertThat(variables)
        .containsEntry("HOME", directory.root() + "/home")
        .containsEntry("KUBECONFIG", directory.root() + "/home/.kube/config")
        .containsEntry("TMPDIR", directory.root() + "/tmp")
        .containsEntry("PATH", directory.root() + "/bin:" + System.getenv("PATH"))
        .doesNotContainKeys("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME");
    assertThat(directory.kubeconfig()).doesNotExist();
  }

  @Test
  void aPathThatIsNotInheritedHasTheUsualPrograms() throws IOException {
    WorkerSettings settings = settings("aiopslab.worker.environment", "LANG");
    RunDirectory directory = create(settings, null);
    assertThat(
            new RunVariables(settings, new TaskTraces(Tracer.NOOP))
                .of(request(), directory)
                .get("PATH"))
        .isEqualTo(directory.bin() + ":/usr/local/bin:/usr/bin:/bin");
  }

  private static RunDirectory create(WorkerSettings settings, @Nullable Path kubeconfig)
      throws IOException {
    RunUser user = new RunUser(settings);
    return new RunDirectories(new ScratchDirectories(settings, user), user)
        .create(settings.clusters().get(0), kubeconfig);
  }

  private static RunRequest request() {
    var none = io.aiopslab.tasks.message.Json.mapper().createObjectNode();
    UUID id = UUID.randomUUID();
    return new RunRequest(
        1, "run", id, id, "p-1", "simulator", "kind-1", null, none, 30, 60, Map.of(), List.of());
  }

  private WorkerSettings settings(String... more) {
    Map<String, String> keys = new HashMap<>();
    keys.put("aiopslab.worker.clusters[0].name", "kind-1");
    keys.put("aiopslab.worker.scratch-directory", scratch.toString());
    for (int i = 0; i < more.length; i += 2) {
      keys.put(more[i], more[i + 1]);
    }
    return new Binder(new MapConfigurationPropertySource(keys))
        .bind("aiopslab.worker", WorkerSettings.class)
        .get();
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.map(path -> path.getFileName().toString()).toList();
    }
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
