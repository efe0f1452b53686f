package io.aiopslab.tasks.worker.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aiopslab.tasks.worker.settings.WorkerSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Objects;
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

  @Test
  void nobodyElseMayWriteThereNorSeeWhatRunsAreCalled() throws IOException {
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxrwxrwx"));
    ScratchDirectories scratch = scratch();
    assertThat(permissions(root)).isEqualTo("rwx--x--x");
    assertThat(permissions(parent(scratch.create("run")))).isEqualTo("rwx------");
    scratch.close();
  }

  @Test
  void aLinkIsRefused() throws IOException {
    Path elsewhere = Files.createDirectory(root.resolve("elsewhere"));
    Path link = Files.createSymbolicLink(root.resolve("link"), elsewhere);
    assertThatThrownBy(() -> scratch(link))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "aiopslab.worker.scratch-directory: %s is a link or no directory; name the directory itself",
            link);
    Files.delete(elsewhere);
    assertThatThrownBy(() -> scratch(link)).hasMessageContaining("is a link or no directory");
    assertThat(elsewhere).doesNotExist();
  }

  @Test
  void whatIsSomebodyElsesIsRefused() throws IOException {
    Path theirs = Files.createDirectory(root.resolve("theirs"));
    assumeTrue(RunUser.uidOfWorker() == 0, "only root can give directories away");
    Files.setAttribute(theirs, "unix:uid", 65534);
    assertThatThrownBy(() -> scratch(theirs))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(
            "aiopslab.worker.scratch-directory: " + theirs + " is not the worker's")
        .hasMessageEndingWith("such as " + theirs.resolve("worker"));
    assertThat(theirs).isEmptyDirectory();
  }

  @Test
  void whatACleanerTookIsMadeAgainAndStaysThisWorkers() throws IOException {
    ScratchDirectories live = scratch();
    Path own = parent(live.create("run"));
    DeleteTree.delete(own);
    Files.delete(own.resolveSibling(own.getFileName() + ".lock"));
    Path run = live.create("run");
    assertThat(run).isEmptyDirectory().hasParent(own);
    scratch().close();
    assertThat(run).exists();
    live.close();
    assertThat(root).isEmptyDirectory();
  }

  @Test
  void linksInATreeAreDeletedAndNotWhatTheyLeadTo() throws IOException {
    Path kept = Files.createFile(Files.createDirectory(root.resolve("kept")).resolve("file"));
    Path tree = Files.createDirectories(root.resolve("tree/inner"));
    Files.createSymbolicLink(tree.resolve("link"), kept.getParent());
    Files.createFile(tree.resolve("file"));
    DeleteTree.delete(root.resolve("tree"));
    assertThat(root.resolve("tree")).doesNotExist();
    assertThat(kept).exists();
    DeleteTree.delete(root.resolve("tree"));
  }

  private static Path parent(Path directory) {
    return Objects.requireNonNull(directory.getParent());
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private ScratchDirectories scratch() throws IOException {
    return scratch(root);
  }

  private static ScratchDirectories scratch(Path directory) throws IOException {
    var keys =
        Map.of(
            "aiopslab.worker.clusters[0].name",
            "kind-1",
            "aiopslab.worker.scratch-directory",
            directory.toString());
    WorkerSettings settings =
        new Binder(new MapConfigurationPropertySource(keys))
            .bind("aiopslab.worker", WorkerSettings.class)
            .get();
    return new ScratchDirectories(settings, new RunUser(settings));
  }
}
