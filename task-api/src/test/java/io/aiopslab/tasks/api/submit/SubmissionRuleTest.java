package io.aiopslab.tasks.api.submit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aiopslab.tasks.api.web.ReadBody;
import io.aiopslab.tasks.api.web.Refusal;
import jakarta.validation.Validation;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SubmissionRuleTest {
  private final ReadBody submissions = reader();

  private static ReadBody reader(String... callbacksAllowed) {
    return new ReadBody(
        Validation.buildDefaultValidatorFactory().getValidator(),
        List.of(
            new SubmissionRule(
                new CallbackPlaces(new CallbackPlaces.Settings(List.of(callbacksAllowed))))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1:9000/done",
        "https://2130706433/",
        "http://10.0.0.7/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]:9000/",
        "http://localhost:9000/"
      })
  void aCallbackThatWillBeRefusedIsRefusedNow(String url) {
    String body = "{\"problem_id\":\"p\",\"callback_url\":\"" + url + "\"}";
    assertThatThrownBy(() -> read(body))
        .hasMessageContaining("callback_url is at an address that callbacks may not reach")
        .hasMessageContaining("aiopslab.callbacks.allowed");
    ReadBody inside = reader("127.0.0.0/8", "10.0.0.0/8", "169.254.169.254", "::1");
    assertThat(inside.read(body.getBytes(UTF_8), SubmitRequest.class).callbackUrl()).isEqualTo(url);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"https://8.8.8.8/", "http://trainer.example/x", "http://trainer.rl.svc/y"})
  void aCallbackThatMayBeReachedIsTaken(String url) {
    assertThat(read("{\"problem_id\":\"p\",\"callback_url\":\"" + url + "\"}").callbackUrl())
        .isEqualTo(url);
  }

  @Test
  void nestingMayBeAsDeepAsIsSaid() {
    assertThat(read(nested(SubmitRequest.DEEPEST)).metadata()).isNotNull();
    assertThatThrownBy(() -> read(nested(SubmitRequest.DEEPEST + 1)))
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
    return submissions.read(body.getBytes(UTF_8), SubmitRequest.class);
  }

  /** The metadata object is the first level below the root. */
  private static String nested(int levels) {
    return "{\"problem_id\":\"p\",\"metadata\":"
        + "{\"a\":".repeat(levels)
        + "1"
        + "}".repeat(levels + 1);
  }
}
