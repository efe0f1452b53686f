package io.aiopslab.tasks.worker.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrivateKubeconfigTest {
  private static final String ONE =
      "{contexts: [{name: kind-a, context: {}}], current-context: kind-a}";
  @TempDir Path directory;

  @Test
  void onlyItsOwnerCanReadIt() throws Exception {
    PrivateKubeconfig kubeconfig = kubeconfig();
    Files.writeString(kubeconfig.file(), "of an earlier cluster");
    kubeconfig.write(ONE);
    assertThat(kubeconfig.file()).hasContent(ONE);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kubeconfig.file())))
        .isEqualTo("rw-------");
    assertThat(directory).isDirectoryContaining(path -> path.equals(kubeconfig.file()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "contexts: [",
        "contexts: []",
        "{contexts: [{name: kind-a}]}",
        "{contexts: [{name: kind-a}], current-context: kind-b}",
        "{contexts: [{name: kind-b}], current-context: kind-b}",
        "{contexts: [{name: kind-a}, {name: kind-b}], current-context: kind-a}",
        "{contexts: [!!javax.script.ScriptEngineManager []], current-context: kind-a}"
      })
  void anotherClusterNeverGetsIn(String yaml) {
    assertThatThrownBy(() -> kubeconfig().write(yaml)).isInstanceOf(ToolFailedException.class);
    assertThat(directory).isEmptyDirectory();
  }

  private PrivateKubeconfig kubeconfig() {
    return new PrivateKubeconfig(directory, "kind-a");
  }
}
