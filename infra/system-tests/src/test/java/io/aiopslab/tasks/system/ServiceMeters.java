package io.aiopslab.tasks.system;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;

/** What a service exports at {@code /actuator/prometheus}. */
final class ServiceMeters {
  private final HttpClient http = HttpClient.newHttpClient();
  private final URI uri;

  ServiceMeters(String url) {
    this.uri = URI.create(url + "/actuator/prometheus");
  }

  /**
   * @param labels part of what stands in the braces; empty for any
   * @return the sum over all series of the name that have the labels
   */
  double value(String name, String labels) throws IOException, InterruptedException {
    String text =
        http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString()).body();
    return text.lines()
        .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
        .filter(line -> line.contains(labels))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** So that what is used afterwards is what is held. */
  void collectGarbage(long pid) throws IOException, InterruptedException {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    new ProcessBuilder(jcmd.toString(), Long.toString(pid), "GC.run")
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
