package io.aiopslab.tasks.worker.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.message.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

class AftermathTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"fault_recovered\":true,\"cleanup_finished\":true}",
        "{\"fault_recovered\":null,\"cleanup_finished\":true}",
        "{\"simulated\":true,\"fault_recovered\":false,\"cleanup_finished\":true}"
      })
  void aFaultThatWasSeenToGoOrWasNotThereLeavesNothing(String facts) {
    assertThat(Aftermath.of(object(facts))).isEqualTo(Aftermath.NONE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"fault_recovered\":false}|its fault was not seen to be recovered",
        "{\"fault_recovered\":false,\"recovery_error\":\"kubectl scale\"}|its fault was not"
            + " recovered: kubectl scale",
        "{\"fault_injected\":true}|its fault was not seen to be recovered",
        "{\"fault_recovered\":\"yes\"}|its fault was not seen to be recovered",
        "{}|its fault was not seen to be recovered"
      })
  void anythingElseMayHaveLeftIt(String facts, String why) {
    assertThat(Aftermath.of(object(facts)).unrecovered()).isEqualTo(why);
  }

  @Test
  void aRunThatCouldNotAttestMayHaveLeftIt() {
    assertThat(Aftermath.of(null).unrecovered()).contains("nobody saw it recover its fault");
    assertThat(Aftermath.of(object("{\"fault_recovered\":true}")).cleaned()).isFalse();
  }

  private static ObjectNode object(String json) {
    return (ObjectNode) Json.mapper().readTree(json);
  }
}
