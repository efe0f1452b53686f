package io.aiopslab.tasks.worker.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.worker.settings.WorkerSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class ScratchDirectoriesTest {
  @TempDir Path root;

  @Test
  void whatAKilledWorkerLeftIsDeletedThoughItHadThePidThatThisOneHas() throws IOException {
    String name = "worker-" + ProcessHandle.current().pid() + "-1";
    Files.createDirectories(root.resolve(name).resolve("run-1"));
    Files.createFile(root.resolve(name + ".lock"));
    ScratchDirectories next = scratch();
    assertThat(root.resolve(name)).doesNotExist();
    next.close();
    assertThat(root).isEmptyDirectory();
  }

  @Test
  void whatALiveWorkerHasIsLeftAlone() throws IOException {
    ScratchDirectories live = scratch();
    Path run = live.create("run");
    scratch().close();
    assertThat(run).exists();
    live.close();
    assertThat(root).isEmptyDirectory();
  }

  @Test
  void whatIsNotOfAWorkerIsLeftAlone() throws IOException {
    Path other = Files.createDirectory(root.resolve("results"));
    Path file = Files.createFile(root.resolve("worker-1-1"));
    scratch().close();
    assertThat(root.toFile().listFiles()).containsOnly(other.toFile(), file.toFile());
  }

  private ScratchDirectories scratch() throws IOException {
    var keys =
        Map.of(
            "aiopslab.worker.clusters[0].name",
            "kind-1",
            "aiopslab.worker.scratch-directory",
            root.toString());
    return new ScratchDirectories(
        new Binder(new MapConfigurationPropertySource(keys))
            .bind("aiopslab.worker", WorkerSettings.class)
            .get());
  }
}
