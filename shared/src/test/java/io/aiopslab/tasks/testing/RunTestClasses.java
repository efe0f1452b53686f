package io.aiopslab.tasks.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.launcher.TagFilter.excludeTags;
import static org.junit.platform.launcher.TagFilter.includeTags;

import io.aiopslab.tasks.message.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.reporting.legacy.xml.LegacyXmlReportGeneratingListener;

/**
 * A JVM that runs test classes, one after another, as it is told: each line of standard input names
 * a class, or a method as {@code class#method}. What the tests print is followed by a line that
 * begins with {@value #RESULT} and goes on with a JSON object: {@code tests}, the number that ran;
 * {@code names} of them; {@code failures} and {@code skipped}, each with {@code test} and {@code
 * why}. It ends with standard input. JUnit's XML reports go to {@code target/test-reports}.
 *
 * <p>Arguments: {@code +tag} takes only tests with one of these tags, {@code -tag} leaves those
 * with one of these out.
 */
public final class RunTestClasses {
  static final String RESULT = "##result ";

  private static final Path REPORTS = Path.of("target", "test-reports");

  private final Launcher launcher = LauncherFactory.create();
  private final List<PostDiscoveryFilter> filters;

  private RunTestClasses(List<PostDiscoveryFilter> filters) {
    this.filters = filters;
  }

  public static void main(String[] args) throws IOException {
    RunTestClasses runner = new RunTestClasses(filters(args));
    BufferedReader names = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    for (String name = names.readLine(); name != null; name = names.readLine()) {
      String result = RESULT + Json.mapper().writeValueAsString(runner.run(name));
      System.out.println("\n" + result);
      System.out.flush();
    }
    System.exit(0); // whatever threads the tests have left
  }

  private static List<PostDiscoveryFilter> filters(String[] args) {
    List<PostDiscoveryFilter> filters = new ArrayList<>();
    List<String> only = tags(args, '+');
    if (!only.isEmpty()) {
      filters.add(includeTags(only));
    }
    List<String> without = tags(args, '-');
    if (!without.isEmpty()) {
      filters.add(excludeTags(without));
    }
    return filters;
  }

  private static List<String> tags(String[] args, char sign) {
    return Arrays.stream(args).filter(a -> a.charAt(0) == sign).map(a -> a.substring(1)).toList();
  }

  private Result run(String name) {
    int hash = name.indexOf('#');
    LauncherDiscoveryRequestBuilder request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectClass(hash < 0 ? name : name.substring(0, hash)))
            .filters(filters.toArray(PostDiscoveryFilter[]::new));
    if (hash >= 0) {
      request.filters(methodFilter(name.substring(hash + 1)));
    }
    LauncherDiscoveryRequest built = request.build();
    Outcomes outcomes = new Outcomes();
    launcher.execute(built, outcomes, xmlReports(hash < 0 ? name : name.substring(0, hash)));
    return new Result(outcomes.names.size(), outcomes.names, outcomes.failures, outcomes.skipped);
  }

  private static PostDiscoveryFilter methodFilter(String method) {
    return descriptor ->
        org.junit.platform.engine.FilterResult.includedIf(
            descriptor.getSource().filter(source -> !isOtherMethod(source, method)).isPresent());
  }

  private static boolean isOtherMethod(TestSource source, String method) {
    return source instanceof MethodSource at && !at.getMethodName().equals(method);
  }

  private static TestExecutionListener xmlReports(String className) {
    return new LegacyXmlReportGeneratingListener(
        REPORTS.resolve(className), new PrintWriter(System.err, true, UTF_8));
  }

  /**
   * What a class came to.
   *
   * @param tests how many ran, also those that failed
   */
  record Result(int tests, List<String> names, List<Told> failures, List<Told> skipped) {}

  /**
   * Of one test, or of what surrounds several.
   *
   * @param why the failure with its stack, or the reason why it was not run
   */
  record Told(String test, String why) {}

  private static final class Outcomes implements TestExecutionListener {
    private final List<String> names = new ArrayList<>();
    private final List<Told> failures = new ArrayList<>();
    private final List<Told> skipped = new ArrayList<>();

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
      skipped.add(new Told(name(test), reason));
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      if (test.isTest() && result.getStatus() != TestExecutionResult.Status.ABORTED) {
        names.add(name(test));
      }
      String why = result.getThrowable().map(Outcomes::stack).orElse("");
      switch (result.getStatus()) {
        case FAILED -> failures.add(new Told(name(test), why));
        case ABORTED -> skipped.add(new Told(name(test), why.lines().findFirst().orElse("")));
        case SUCCESSFUL -> {}
      }
    }

    private static String name(TestIdentifier test) {
      String method =
          test.getSource()
              .filter(MethodSource.class::isInstance)
              .map(source -> ((MethodSource) source).getMethodName())
              .orElse("");
      String shown = test.getDisplayName();
      return Stream.of(method, shown.startsWith(method + "(") ? "" : shown)
          .filter(part -> !part.isEmpty())
          .collect(java.util.stream.Collectors.joining(" "));
    }

    private static String stack(Throwable thrown) {
      StringWriter text = new StringWriter();
      thrown.printStackTrace(new PrintWriter(text));
      return text.toString();
    }
  }
}
