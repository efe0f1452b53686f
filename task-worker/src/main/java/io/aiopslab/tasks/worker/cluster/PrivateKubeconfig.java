package io.aiopslab.tasks.worker.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * The kubeconfig of one slot: for its owner's eyes, with its own cluster's context and no other.
 */
record PrivateKubeconfig(Path directory, String context) {

  Path file() {
    return directory.resolve("kubeconfig");
  }

  /** Puts it in place as a whole. */
  void write(String yaml) throws ToolFailedException, IOException {
    verify(yaml);
    Path fresh =
        Files.createTempFile(
            directory,
            "kubeconfig",
            ".new",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(fresh, yaml);
    Files.move(fresh, file(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private void verify(String yaml) throws ToolFailedException {
    Map<?, ?> document = document(yaml);
    List<?> contexts = document.get("contexts") instanceof List<?> list ? list : List.of();
    List<String> names =
        contexts.stream()
            .map(entry -> entry instanceof Map<?, ?> map ? map.get("name") : null)
            .map(Objects::toString)
            .toList();
    if (!names.equals(List.of(context)) || !context.equals(document.get("current-context"))) {
      throw ToolFailedException.because(
          "kind wrote a kubeconfig whose contexts are %s, and the worker accepts only %s"
              .formatted(names, context));
    }
  }

  private static Map<?, ?> document(String yaml) {
    try {
      Object loaded = new Yaml(new SafeConstructor(new LoaderOptions())).load(yaml);
      return loaded instanceof Map<?, ?> map ? map : Map.of();
    } catch (YAMLException e) {
      return Map.of();
    }
  }

  void delete() throws IOException {
    Files.deleteIfExists(file());
  }
}
