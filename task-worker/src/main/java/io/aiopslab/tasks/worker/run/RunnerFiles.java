package io.aiopslab.tasks.worker.run;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.stereotype.Component;

/** The Python package that the jar carries, unpacked into a directory of this process's own. */
@Component
final class RunnerFiles {
  private static final String ROOT = "/python/";
  private static final String ALL = "classpath:python/aiopslab_runner/**/*";

  private final Path directory;

  RunnerFiles(ScratchDirectories scratch) throws IOException {
    this.directory = scratch.create("runner");
    for (Resource resource : new PathMatchingResourcePatternResolver().getResources(ALL)) {
      if (resource.isReadable() && !resource.getURL().getPath().endsWith("/")) {
        unpack(resource);
      }
    }
  }

  private void unpack(Resource resource) throws IOException {
    String url = resource.getURL().getPath();
    Path target = directory.resolve(url.substring(url.lastIndexOf(ROOT) + ROOT.length()));
    Files.createDirectories(target.getParent());
    try (InputStream in = resource.getInputStream()) {
      Files.copy(in, target);
    }
  }

  /** Where Python finds the package. */
  Path pythonPath() {
    return directory;
  }

  /**
   * Runs a command so that nothing of it can outlive the run.
   *
   * @param options further ones of supervise.py
   */
  List<String> supervised(
      String python, Duration grace, List<String> options, List<String> command) {
    List<String> all = new ArrayList<>();
    all.addAll(
        List.of(python, "-I", "-S", directory.resolve("aiopslab_runner/supervise.py").toString()));
    all.addAll(List.of("--grace", Double.toString(grace.toMillis() / 1000.0)));
    all.addAll(options);
    all.add("--");
    all.addAll(command);
    return List.copyOf(all);
  }
}
