package io.aiopslab.tasks.api.submit;

import io.aiopslab.tasks.api.web.JsonPath;
import io.aiopslab.tasks.api.web.Violations;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Refuses secrets: what is submitted is kept for good and shown to everybody who asks. */
final class SecretRule {
  private static final Set<String> NAMES = Set.of("token", "hftoken", "passwd", "credentials");
  private static final List<String> ENDINGS =
      List.of(
          "apikey",
          "password",
          "secret",
          "authorization",
          "secretkey",
          "privatekey",
          "accesskey",
          "accesstoken",
          "apitoken",
          "authtoken",
          "bearertoken",
          "refreshtoken",
          "sessiontoken");
  private static final Pattern NEITHER_LETTER_NOR_DIGIT = Pattern.compile("[^a-z0-9]");
  private static final Pattern LOOKS_SECRET =
      Pattern.compile(
          "^\\s*sk-[\\w-]{6,}\\s*$|\\bsk-[\\w-]{20,}"
              + "|^\\s*(?i:bearer|basic)\\s+\\S{6,}\\s*$|\\bBearer\\s+[\\w.~+/=-]{20,}");
  private static final String MESSAGE =
      "looks like a secret, and submitted values are stored and shown; put the secret into an"
          + " environment variable of the worker and name that variable in api_key_env";

  private final Violations violations;

  SecretRule(Violations violations) {
    this.violations = violations;
  }

  void check(String path, JsonNode value) {
    check(path, value, false);
  }

  private void check(String path, JsonNode value, boolean namedLikeASecret) {
    if (value.isObject()) {
      value
          .properties()
          .forEach(
              member ->
                  check(
                      JsonPath.member(path, member.getKey()),
                      member.getValue(),
                      isNameOfASecret(member.getKey())));
    } else if (value.isArray()) {
      for (int i = 0; i < value.size(); i++) {
        check(JsonPath.item(path, i), value.get(i), namedLikeASecret);
      }
    } else if (value.isString() && !value.stringValue().isBlank()) {
      if (namedLikeASecret || LOOKS_SECRET.matcher(value.stringValue()).find()) {
        violations.add(path, "secret", MESSAGE);
      }
    }
  }

  private static boolean isNameOfASecret(String name) {
    String plain = NEITHER_LETTER_NOR_DIGIT.matcher(name.toLowerCase(Locale.ROOT)).replaceAll("");
    return NAMES.contains(plain) || ENDINGS.stream().anyMatch(plain::endsWith);
  }
}
