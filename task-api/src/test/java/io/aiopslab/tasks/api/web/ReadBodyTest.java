package io.aiopslab.tasks.api.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import jakarta.validation.Validation;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.util.ClassUtils;

class ReadBodyTest {
  private static final String ID = "0199d2b4-5c1e-7abc-8def-0123456789ab";

  /** Names of packages and classes, camel case, signs of generics and inner classes, jargon. */
  private static final String JAVA =
      "(?s).*(\\bjava\\b|\\b(java|tools|io|org|com)\\.|[a-z][A-Z]|`|\\$|<\\w|"
          + "(?i:deseriali|jackson|\\btoken\\b|coerc|\\bclass\\b|\\bint\\b|\\blong\\b|Source:|"
          + "constructor|StreamRead|expected close|start marker)).*";

  /** One of each kind of value that JSON has, and those that are at the edge of one. */
  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "0",
          "-1",
          "1.5",
          "1e400",
          "-1e400",
          "99999999999",
          "-99999999999",
          "9".repeat(30),
          "9".repeat(500),
          "9".repeat(2000),
          "\"\"",
          "\"x\"",
          "\"5\"",
          "\"true\"",
          "\"1-1-1-1-1\"",
          "\"" + ID + "\"",
          "\"2026-11-23T08:00:00Z\"",
          "\"+100000-01-01T00:00:00Z\"",
          "\"\\ud800\"",
          "\"a\\u0000\"",
          "[]",
          "[null]",
          "[[1]]",
          "[{}]",
          "{}",
          "{\"a\":null}",
          "{\"a\":\"b\"}",
          "{\"a\":[{}]}",
          "{\"a\":1e400}");

  private final ReadBody bodies =
      new ReadBody(Validation.buildDefaultValidatorFactory().getValidator(), List.of());

  static Stream<Class<?>> requests() {
    ClassPathScanningCandidateComponentProvider scan =
        new ClassPathScanningCandidateComponentProvider(false);
    scan.addIncludeFilter(new AnnotationTypeFilter(StrictBody.class));
    return scan.findCandidateComponents("io.aiopslab.tasks.api").stream()
        .map(found -> String.valueOf(found.getBeanClassName()))
        .filter(name -> !name.contains("Test"))
        .<Class<?>>map(name -> ClassUtils.resolveClassName(name, null))
        .sorted((one, other) -> one.getName().compareTo(other.getName()));
  }

  @Test
  void thereAreRequests() {
    assertThat(requests()).hasSizeGreaterThan(10);
  }

  @ParameterizedTest
  @MethodSource("requests")
  void whateverIsWrongIsSaidByItsFieldAndARuleNeverByAJavaClass(Class<?> type) {
    for (RecordComponent field : type.getRecordComponents()) {
      String name = snakeCase(field.getName());
      for (String value : VALUES) {
        check(type, name, "{\"%s\":%s}".formatted(name, value));
      }
      for (RecordComponent inner : itemsOf(field.getGenericType())) {
        for (String value : VALUES) {
          String place = name + "[0]." + snakeCase(inner.getName());
          String body = "{\"%s\":[{\"%s\":%s}]}";
          check(type, place, body.formatted(name, snakeCase(inner.getName()), value));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("requests")
  void whatIsNoJsonOrNoObjectIsSaidWithoutJavaEither(Class<?> type) {
    for (String body :
        List.of(
            "",
            " ",
            "{",
            "}",
            "[]",
            "1",
            "\"x\"",
            "null",
            "{\"a\"",
            "{\"a\":}",
            "{\"a\":NaN}",
            "{'a':1}",
            "{\"a\":1,}",
            "{\"a\":1}{",
            "{\"a\":01}",
            "{\"a\":\"\u0001\"}",
            "{\"a\":\"\\x\"}",
            "{\"a\":tru}",
            "{\"a\":1,\"a\":2}",
            "\ufeff{}x",
            "{" + "\"a\":{".repeat(2000))) {
      Refusal refusal = refusalOf(type, body.getBytes(StandardCharsets.UTF_8));
      assertThat(refusal).as("%s of %s", body, type).isNotNull();
      assertThat(refusal.getMessage()).as(body).doesNotMatch(JAVA);
    }
    byte[] noText = {'{', '"', (byte) 0xC3, '(', '"', ':', '1', '}'};
    assertThat(refusalOf(type, noText).getMessage()).doesNotMatch(JAVA);
  }

  @Test
  void aNumberThatIsTooLargeNamesItsField() {
    for (String number : List.of("99999999999", "-99999999999", "9".repeat(40), "9".repeat(300))) {
      assertThatThrownBy(() -> read("{\"index\":" + number + ",\"action\":\"a\"}"))
          .hasMessageContaining("index must be between 0 and 999");
    }
    for (String number : List.of("1e400", "-1e999999999", "9".repeat(500), "9".repeat(3000))) {
      assertThatThrownBy(() -> read("{\"index\":" + number + ",\"action\":\"a\"}"))
          .hasMessageContaining("index is a number outside of what a double can hold");
    }
    assertThatThrownBy(() -> read("{\"index\":1.0,\"action\":\"a\"}"))
        .hasMessageContaining("index must be an integer");
  }

  @Test
  void aStringIsNeitherANumberNorABoolean() {
    for (String wrong : List.of("true", "7", "[]", "{}")) {
      assertThat(bind(Step.class, "{\"index\":0,\"action\":" + wrong + "}").message())
          .isEqualTo("must be a string");
      assertThat(bind(Notes.class, "{\"notes\":{\"a\":" + wrong + "}}"))
          .isEqualTo(new Problem.Detail("notes.a", "type", "must be a string"));
    }
  }

  @StrictBody
  record Notes(java.util.Map<String, String> notes) {}

  @Test
  void idsAndTimesAreReadAsStrictlyAsInParameters() {
    for (String wrong : List.of("\"1-1-1-1-1\"", "\"AZnStFwecquN7wEjRWeJqw==\"", "7")) {
      assertThat(bind(Times.class, "{\"id\":" + wrong + "}"))
          .extracting(Problem.Detail::message)
          .asString()
          .startsWith("must be a UUID such as");
    }
    for (String wrong : List.of("1795428000", "\"2026-11-23\"", "\"+100000-01-01T00:00:00Z\"")) {
      assertThat(bind(Times.class, "{\"at\":" + wrong + "}"))
          .extracting(Problem.Detail::message)
          .asString()
          .startsWith("must be an RFC 3339 time such as");
    }
    Times times =
        bodies.read(
            "{\"id\":\"%s\",\"at\":\"2026-11-23T09:00:00+01:00\"}"
                .formatted(ID)
                .getBytes(StandardCharsets.UTF_8),
            Times.class);
    assertThat(times.id()).isEqualTo(UUID.fromString(ID));
    assertThat(times.at()).isEqualTo(Instant.parse("2026-11-23T08:00:00Z"));
  }

  @StrictBody
  record Times(UUID id, Instant at) {}

  @StrictBody
  record Step(
      @jakarta.validation.constraints.Min(value = 0, message = "must be between 0 and 999")
          @jakarta.validation.constraints.Max(value = 999, message = "must be between 0 and 999")
          Integer index,
      String action) {}

  private Object read(String body) {
    return bodies.read(body.getBytes(StandardCharsets.UTF_8), Step.class);
  }

  private Problem.Detail bind(Class<?> type, String body) {
    Refusal refusal = refusalOf(type, body.getBytes(StandardCharsets.UTF_8));
    assertThat(refusal).as(body).isNotNull();
    return refusal.details().get(0);
  }

  private void check(Class<?> type, String place, String body) {
    Refusal refusal = refusalOf(type, body.getBytes(StandardCharsets.UTF_8));
    if (refusal == null) {
      return;
    }
    String said = type.getSimpleName() + " " + body + ": " + refusal.getMessage();
    List<String> all = new ArrayList<>();
    all.add(String.valueOf(refusal.getMessage()));
    refusal.details().forEach(detail -> all.add(detail.message()));
    assertThat(all).as(said).noneMatch(text -> text.matches(JAVA));
    assertThat(refusal.details()).as(said).isNotEmpty();
    assertThat(refusal.details())
        .as(said)
        .allMatch(
            detail ->
                detail.field().startsWith(place)
                    || detail.rule().equals("required")
                    || place.startsWith(detail.field()));
  }

  private Refusal refusalOf(Class<?> type, byte[] body) {
    return catchThrowableOfType(Refusal.class, () -> bodies.read(body, type));
  }

  private static RecordComponent[] itemsOf(Type type) {
    return type instanceof ParameterizedType list
            && list.getActualTypeArguments()[0] instanceof Class<?> item
            && item.isRecord()
        ? item.getRecordComponents()
        : new RecordComponent[0];
  }

  private static String snakeCase(String name) {
    return name.equals("waitTime")
        ? "wait"
        : name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }
}
