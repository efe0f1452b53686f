package io.aiopslab.tasks.system;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The service's own metrics with type and labels: as documented, and as exported. */
final class MetricTable {
  private static final Path DOCUMENT = Path.of("../../docs/metrics.md");
  private static final Pattern ROW =
      Pattern.compile("\\| `(aiopslab_\\w+)` \\| (\\w+) \\| ([^|]+) \\|.*");
  private static final Pattern TYPE = Pattern.compile("# TYPE (aiopslab_\\w+) (\\w+)");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"");
  private static final Pattern WORD = Pattern.compile("\\w+");
  private static final Set<String> OF_BUCKETS = Set.of("le", "quantile");

  private MetricTable() {}

  /** {@code name → type [labels]} of the section of a service, and of what each of them has. */
  static Map<String, String> documented(String service) throws IOException {
    Map<String, String> table = section(service);
    table.putAll(section("Every service"));
    return table;
  }

  private static Map<String, String> section(String title) throws IOException {
    Map<String, String> table = new TreeMap<>();
    Files.readString(DOCUMENT)
        .lines()
        .dropWhile(line -> !line.startsWith("## " + title))
        .skip(1)
        .takeWhile(line -> !line.startsWith("## "))
        .map(ROW::matcher)
        .filter(Matcher::matches)
        .forEach(row -> table.put(row.group(1), row.group(2) + " " + words(row.group(3))));
    return table;
  }

  /** The same of what a service exports now. */
  static Map<String, String> exported(String url) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/actuator/prometheus")).build();
    String text =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
    Map<String, String> types = new TreeMap<>();
    TYPE.matcher(text).results().forEach(type -> types.put(type.group(1), type.group(2)));
    types
        .keySet()
        .removeIf(
            name -> name.endsWith("_max") && types.containsKey(name.replaceFirst("_max$", "")));
    Map<String, String> table = new TreeMap<>();
    types.forEach((name, type) -> table.put(name, type + " " + labels(text, name)));
    return table;
  }

  private static Set<String> labels(String text, String name) {
    Set<String> labels = new TreeSet<>();
    Pattern series = Pattern.compile("(?m)^" + name + "(?:_bucket|_count|_sum)?\\{(.*)\\} ");
    series
        .matcher(text)
        .results()
        .forEach(
            found ->
                LABEL
                    .matcher(found.group(1))
                    .results()
                    .forEach(label -> labels.add(label.group(1))));
    labels.removeAll(OF_BUCKETS);
    return labels;
  }

  private static Set<String> words(String text) {
    Set<String> words = new TreeSet<>();
    WORD.matcher(text).results().forEach(word -> words.add(word.group()));
    return words;
  }
}
