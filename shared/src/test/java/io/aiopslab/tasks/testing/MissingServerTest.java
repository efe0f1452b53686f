package io.aiopslab.tasks.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

class MissingServerTest {
  @Test
  void failsOnABuildServer() {
    assertThat(MissingServer.failure("install one", true)).hasMessage("install one");
  }

  @Test
  void abortsElsewhere() {
    assertThatThrownBy(() -> MissingServer.failure("install one", false))
        .isInstanceOf(TestAbortedException.class)
        .hasMessage("install one");
  }
}
