package io.aiopslab.tasks.worker.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.aiopslab.tasks.worker.settings.ClusterSettings;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.stereotype.Component;

/**
 * The Python package that the jar carries, unpacked into a directory of this process's own, and
 * again if somebody has cleaned some of it away.
 */
@Component
final class RunnerFiles {
  private static final Logger log = LoggerFactory.getLogger(RunnerFiles.class);
  private static final String ROOT = "/python/";
  private static final String ALL = "classpath:python/aiopslab_runner/**/*";
  private static final Path SUPERVISE = Path.of("aiopslab_runner/supervise.py");
  private static final int START_SECONDS = 60;
  private static final Set<PosixFilePermission> FOR_READERS =
      PosixFilePermissions.fromString("rwxr-xr-x");

  private final ScratchDirectories scratch;
  private final RunUser user;

  /** By their path in the directory: how large they are. */
  private final Map<Path, Long> sizes = new HashMap<>();

  private Path directory;

  RunnerFiles(WorkerSettings settings, ScratchDirectories scratch, RunUser user)
      throws IOException, InterruptedException {
    this.scratch = scratch;
    this.user = user;
    this.directory = unpack();
    if (user.isAnother()) {
      for (String python : pythons(settings)) {
        requireReadable(python);
      }
    }
  }

  private static List<String> pythons(WorkerSettings settings) {
    return settings.clusters().stream().map(ClusterSettings::python).distinct().toList();
  }

  private Path unpack() throws IOException {
    Path fresh = scratch.create("runner");
    for (Resource resource : new PathMatchingResourcePatternResolver().getResources(ALL)) {
      if (resource.isReadable() && !resource.getURL().getPath().endsWith("/")) {
        unpack(resource, fresh);
      }
    }
    if (user.isAnother()) {
      openToReaders(fresh);
    }
    return fresh;
  }

  private void unpack(Resource resource, Path fresh) throws IOException {
    String url = resource.getURL().getPath();
    Path name = Path.of(url.substring(url.lastIndexOf(ROOT) + ROOT.length()));
    Path target = fresh.resolve(name);
    Files.createDirectories(target.getParent());
    try (InputStream in = resource.getInputStream()) {
      sizes.put(name, Files.copy(in, target));
    }
  }

  /** Whatever this process's umask is. */
  private static void openToReaders(Path fresh) throws IOException {
    try (Stream<Path> all = Files.walk(fresh)) {
      for (Path each : all.toList()) {
        Files.setPosixFilePermissions(each, FOR_READERS);
      }
    }
  }

  /**
   * The user of the runs has to get as far as this.
   *
   * @throws IllegalStateException if it does not
   */
  private void requireReadable(String python) throws IOException, InterruptedException {
    String file = directory.resolve(SUPERVISE).toString();
    Process process =
        new ProcessBuilder(
                supervised(
                    python,
                    Duration.ZERO,
                    List.of(),
                    List.of(python, "-I", "-S", "-c", "import sys; open(sys.argv[1])", file)))
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (!process.waitFor(START_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IllegalStateException(
          "the user that aiopslab.worker.run-as names cannot start %s or read %s; set aiopslab.worker.scratch-directory to one that it can reach, and python to one that it may start: %s"
              .formatted(python, file, said.strip()));
    }
  }

  /** Where Python finds the package. */
  synchronized Path pythonPath() throws IOException {
    if (!isWhole()) {
      log.warn("Files of the runner are gone from {}; they are unpacked again", directory);
      directory = unpack();
    }
    return directory;
  }

  private boolean isWhole() {
    return sizes.entrySet().stream()
        .allMatch(file -> directory.resolve(file.getKey()).toFile().length() == file.getValue());
  }

  /**
   * Runs a command with the rights of the user of the runs, so that nothing of it can outlive the
   * run.
   *
   * @param options further ones of supervise.py
   */
  List<String> supervised(String python, Duration grace, List<String> options, List<String> command)
      throws IOException {
    List<String> all = new ArrayList<>();
    all.addAll(List.of(python, "-I", "-S", pythonPath().resolve(SUPERVISE).toString()));
    all.addAll(List.of("--grace", Double.toString(grace.toMillis() / 1000.0)));
    all.addAll(user.options());
    all.addAll(options);
    all.add("--");
    all.addAll(command);
    return List.copyOf(all);
  }
}
