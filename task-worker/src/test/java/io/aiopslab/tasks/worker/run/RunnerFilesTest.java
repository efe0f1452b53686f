package io.aiopslab.tasks.worker.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aiopslab.tasks.worker.settings.WorkerSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class RunnerFilesTest {
  private static final String PROTOCOL = "aiopslab_runner/protocol.py";

  @TempDir Path scratch;

  @Test
  void whatACleanerTookIsUnpackedAgain() throws Exception {
    RunnerFiles files = files(settings());
    Path first = files.pythonPath();
    assertThat(files.pythonPath()).as("as long as it is whole").isEqualTo(first);
    Files.delete(first.resolve(PROTOCOL));
    Path second = files.pythonPath();
    assertThat(second).isNotEqualTo(first);
    assertThat(second.resolve(PROTOCOL)).isNotEmptyFile();
    DeleteTree.delete(Objects.requireNonNull(second.getParent()));
    List<String> command = files.supervised("python3", Duration.ZERO, List.of(), List.of("true"));
    assertThat(Path.of(command.get(3))).isRegularFile();
  }

  @Test
  void aUserWhoCannotGetThereIsNamedAtTheStart() throws IOException {
    assumeTrue(RunUser.uidOfWorker() == 0, "only root can start runs as somebody else");
    Path closed = Files.createDirectory(scratch.resolve("closed"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
    WorkerSettings settings =
        settings("run-as", "nobody", "scratch-directory", closed.resolve("scratch").toString());
    assertThatThrownBy(() -> files(settings))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the user that aiopslab.worker.run-as names cannot")
        .hasMessageContaining("Permission denied");
  }

  @Test
  void onlyRootStartsRunsAsSomebodyElse() {
    assertThatThrownBy(() -> new RunUser(settings("run-as", "nobody"), 1000))
        .hasMessageStartingWith("aiopslab.worker.run-as is 'nobody', and only root can");
    assertThatThrownBy(() -> new RunUser(settings("run-as", "no-such-user"), 0))
        .hasMessageContaining("a user that this host does not have; make it (useradd");
    assertThatThrownBy(() -> new RunUser(settings("run-as", "root"), 0))
        .hasMessageContaining("name another user");
  }

  private static RunnerFiles files(WorkerSettings settings)
      throws IOException, InterruptedException {
    RunUser user = new RunUser(settings);
    return new RunnerFiles(settings, new ScratchDirectories(settings, user), user);
  }

  private WorkerSettings settings(String... more) {
    Map<String, String> keys = new HashMap<>();
    keys.put("aiopslab.worker.clusters[0].name", "kind-1");
    keys.put("aiopslab.worker.scratch-directory", scratch.toString());
    for (int i = 0; i < more.length; i += 2) {
      keys.put("aiopslab.worker." + more[i], more[i + 1]);
    }
    return new Binder(new MapConfigurationPropertySource(keys))
        .bind("aiopslab.worker", WorkerSettings.class)
        .get();
  }
}
