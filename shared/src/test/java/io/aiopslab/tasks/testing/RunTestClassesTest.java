package io.aiopslab.tasks.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aiopslab.tasks.message.Json;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** In a JVM of its own, as it is used. */
class RunTestClassesTest {
  @TempDir Path directory;

  @Test
  void classesRunOneAfterAnotherAsTheyAreNamedAndAreToldWhole() throws Exception {
    List<JsonNode> results =
        run(List.of("-thorough"), Mixed.class.getName(), Broken.class.getName());
    JsonNode mixed = results.get(0);
    assertThat(mixed.get("tests").intValue()).isEqualTo(4);
    assertThat(mixed.get("names").toString())
        .contains("passes", "fails", "withEach [1] number = 1", "withEach [2] number = 2")
        .doesNotContain("takesMinutes");
    assertThat(mixed.get("failures").size()).isEqualTo(1);
    assertThat(mixed.at("/failures/0/test").stringValue()).isEqualTo("fails");
    assertThat(mixed.at("/failures/0/why").stringValue())
        .contains("IllegalStateException: as it should", "RunTestClassesTest.java");
    assertThat(mixed.get("skipped").toString()).contains("for a reason", "not here");

    JsonNode broken = results.get(1);
    assertThat(broken.get("tests").intValue()).isZero();
    assertThat(broken.at("/failures/0/why").stringValue()).contains("cannot begin");
    assertThat(directory.resolve("target/test-reports").resolve(Mixed.class.getName()))
        .isNotEmptyDirectory();
  }

  @Test
  void aMethodCanBeNamedAndATagChosen() throws Exception {
    assertThat(run(List.of(), Mixed.class.getName() + "#passes").get(0).get("names").toString())
        .isEqualTo("[\"passes\"]");
    assertThat(run(List.of("+thorough"), Mixed.class.getName()).get(0).get("names").toString())
        .isEqualTo("[\"takesMinutes\"]");
  }

  private List<JsonNode> run(List<String> tags, String... classes) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Daiopslab.run-test-classes.samples=true",
                "-cp",
                absolute(System.getProperty("java.class.path")),
                RunTestClasses.class.getName()));
    command.addAll(tags);
    Path names = Files.write(directory.resolve("names"), List.of(classes));
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectInput(names.toFile())
            .redirectError(directory.resolve("errors").toFile())
            .start();
    List<JsonNode> results;
    try (var output = process.inputReader(UTF_8)) {
      results =
          output
              .lines()
              .filter(line -> line.startsWith(RunTestClasses.RESULT))
              .map(line -> Json.mapper().readTree(line.substring(RunTestClasses.RESULT.length())))
              .toList();
    }
    assertThat(process.waitFor()).as("%s", errors()).isZero();
    assertThat(results).as("%s", errors()).hasSize(classes.length);
    return results;
  }

  private String errors() throws IOException {
    return Files.readString(directory.resolve("errors"));
  }

  private static String absolute(String classPath) {
    return String.join(
        File.pathSeparator,
        List.of(classPath.split(File.pathSeparator)).stream()
            .map(part -> Path.of(part).toAbsolutePath().toString())
            .toList());
  }

  /** Run in the JVM that the tests above start; elsewhere they say nothing. */
  private static boolean isSample() {
    return Boolean.getBoolean("aiopslab.run-test-classes.samples");
  }

  static class Mixed {
    @Test
    void passes() {}

    @Test
    void fails() {
      if (isSample()) {
        throw new IllegalStateException("as it should");
      }
    }

    @Test
    void isAborted() {
      assumeTrue(false, "for a reason");
    }

    @Disabled("not here")
    @Test
    void isDisabled() {}

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void withEach(int number) {
      assertThat(number).isPositive();
    }

    @Tag("thorough")
    @Test
    void takesMinutes() {}
  }

  static class Broken {
    @BeforeAll
    static void begin() {
      if (isSample()) {
        throw new IllegalStateException("cannot begin");
      }
    }

    @Test
    void isNotReached() {}
  }
}
