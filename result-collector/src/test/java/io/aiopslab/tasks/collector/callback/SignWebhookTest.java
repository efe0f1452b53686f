package io.aiopslab.tasks.collector.callback;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignWebhookTest {
  private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final String SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

  /** The example of the specification's own libraries. */
  @Test
  void signsAsTheSpecificationDoes() {
    assertThat(signature(SECRET)).isEqualTo(SIGNATURE);
  }

  @Test
  void signsOncePerSecret() {
    String other = "whsec_" + "QUJD".repeat(8);
    assertThat(signature("  " + SECRET + "  " + other + " "))
        .startsWith(SIGNATURE + " v1,")
        .hasSizeGreaterThan(SIGNATURE.length() + 40);
  }

  @Test
  void signsNothingWithoutASecret() {
    assertThat(signature(" ")).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"short", "whsec_", "whsec_QUJD", "whsec_!!!!", "x" + SECRET})
  void refusesWhatIsNoSecretWithoutRepeatingIt(String secret) {
    assertThatThrownBy(() -> signature(secret))
        .hasMessageContaining("head -c 32 /dev/urandom")
        .hasMessageNotContaining("QUJD");
  }

  private static @Nullable String signature(String secret) {
    return new SignWebhook(Settings.of("secret", secret))
        .signature(
            "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330L, "{\"test\": 2432232314}".getBytes(UTF_8));
  }
}
