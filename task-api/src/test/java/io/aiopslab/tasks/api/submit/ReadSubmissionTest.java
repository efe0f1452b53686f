package io.aiopslab.tasks.api.submit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aiopslab.tasks.api.body.StrictJson;
import io.aiopslab.tasks.api.problem.Refusal;
import jakarta.validation.Validation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReadSubmissionTest {
  private final ReadSubmission submissions =
      new ReadSubmission(Validation.buildDefaultValidatorFactory().getValidator());

  @Test
  void nestingMayBeAsDeepAsIsSaid() {
    assertThat(read(nested(StrictJson.DEEPEST)).metadata()).isNotNull();
    assertThatThrownBy(() -> read(nested(StrictJson.DEEPEST + 1)))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("too deeply");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"api_key_env\":\"OPENAI_API_KEY\"}",
        "{\"max_tokens\":100,\"tokenizer\":\"x\",\"stop_token\":\"</s>\"}",
        "{\"system_prompt\":\"Bearer of bad news: the password is secret\"}",
        "{\"api_key\":null,\"token\":5,\"password\":\"\"}"
      })
  void whatIsNoSecretIsTaken(String config) {
    assertThat(read("{\"problem_id\":\"p\",\"agent_config\":" + config + "}")).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"API-Key\":\"x\"}",
        "{\"openaiApiKey\":\"x\"}",
        "{\"a\":[{\"token\":[\"x\"]}]}",
        "{\"client_secret\":\"x\"}",
        "{\"args\":[\"--key\",\"sk-0123456789\"]}",
        "{\"header\":\"Authorization: Bearer 0123456789abcdefghij\"}"
      })
  void secretIsRefused(String config) {
    assertThatThrownBy(() -> read("{\"problem_id\":\"p\",\"agent_config\":" + config + "}"))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("api_key_env");
  }

  private SubmitRequest read(String body) {
    return submissions.read(body.getBytes(UTF_8));
  }

  /** The metadata object is the first level below the root. */
  private static String nested(int levels) {
    return "{\"problem_id\":\"p\",\"metadata\":"
        + "{\"a\":".repeat(levels)
        + "1"
        + "}".repeat(levels + 1);
  }
}
