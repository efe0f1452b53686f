package io.aiopslab.tasks.worker.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.message.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * A directory with {@code kind}, {@code kubectl} and {@code docker} that only act as if: see {@code
 * stand_in.py} for what their state is made of.
 */
public final class StandInKind {
  private static String python = "";

  private final Path root;

  public StandInKind(Path root) throws IOException, InterruptedException {
    this.root = root;
    Files.createDirectories(root.resolve("state"));
    for (String tool : List.of("kind", "kubectl", "docker")) {
      install(tool);
    }
  }

  private void install(String tool) throws IOException, InterruptedException {
    Path file = Files.createDirectories(root.resolve("bin")).resolve(tool);
    try (InputStream script = StandInKind.class.getResourceAsStream("/kind/stand_in.py")) {
      String text = new String(Objects.requireNonNull(script).readAllBytes(), UTF_8);
      Files.writeString(file, text.replace("#!/usr/bin/env -S python3", "#!" + python()));
    }
    if (!file.toFile().setExecutable(true)) {
      throw new IOException(file + " cannot be made executable");
    }
  }

  /** The interpreter itself: found without a PATH. */
  private static synchronized String python() throws IOException, InterruptedException {
    if (python.isEmpty()) {
      python = output(new ProcessBuilder("python3", "-c", "import sys; print(sys.executable)"));
    }
    return python;
  }

  public void uninstall(String tool) throws IOException {
    Files.delete(root.resolve("bin").resolve(tool));
  }

  /** The PATH on which these tools are found, and nothing else. */
  public String path() {
    return root.resolve("bin").toString();
  }

  /** Like an operator in a terminal. */
  public StandInKind create(String cluster) throws IOException, InterruptedException {
    run("kind", "create", "cluster", "--name", cluster);
    return this;
  }

  public void delete(String cluster) throws IOException, InterruptedException {
    run("kind", "delete", "cluster", "--name", cluster);
  }

  private void run(String tool, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(root.resolve("bin").resolve(tool).toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(root.toFile());
    builder.environment().remove("KUBECONFIG");
    output(builder);
  }

  private static String output(ProcessBuilder builder) throws IOException, InterruptedException {
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    if (process.waitFor() != 0) {
      throw new IOException(output);
    }
    return output;
  }

  /**
   * @param name below the cluster's directory, as in {@code stand_in.py}
   */
  public void set(String cluster, String name, String value) throws IOException {
    Files.writeString(file(cluster, name), value);
  }

  /** As {@link #set}, of a file whose directory may not be there yet; quotes may be single. */
  public void put(String cluster, String name, String value) throws IOException {
    Files.createDirectories(file(cluster, name).getParent());
    set(cluster, name, value.replace('\'', '"'));
  }

  public void unset(String cluster, String name) throws IOException {
    Files.delete(file(cluster, name));
  }

  public boolean has(String cluster, String name) {
    return Files.exists(file(cluster, name));
  }

  public Path file(String cluster, String name) {
    return root.resolve("state/clusters").resolve(cluster).resolve(name);
  }

  public void setCreation(String mode) throws IOException {
    Files.writeString(root.resolve("state/kind-create"), mode);
  }

  /** All calls so far but those of the operator. */
  public List<Call> calls() {
    Path record = root.resolve("state/record.jsonl");
    try (Stream<String> lines = Files.exists(record) ? Files.lines(record) : Stream.empty()) {
      return lines.map(Json.mapper()::readTree).map(Call::new).filter(this::isNotMine).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean isNotMine(Call call) {
    return !call.json().path("cwd").asString("").equals(root.toString());
  }

  /** Calls that begin like this. */
  public List<Call> calls(String... beginning) {
    Predicate<Call> same =
        call ->
            call.words().size() >= beginning.length
                && call.words().subList(0, beginning.length).equals(Arrays.asList(beginning));
    return calls().stream().filter(same).toList();
  }

  public void awaitCalls(int atLeast, String... beginning) {
    await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> calls(beginning).size() >= atLeast);
  }

  /** One recorded call. */
  public record Call(JsonNode json) {
    /** The tool and its arguments. */
    public List<String> words() {
      List<String> words = new ArrayList<>(List.of(json.path("tool").asString("")));
      json.path("argv").forEach(word -> words.add(word.asString("")));
      return words;
    }

    public String kubeconfig() {
      return json.path("environment").path("KUBECONFIG").asString("");
    }

    /** Names of all variables that it got. */
    public List<String> variables() {
      List<String> names = new ArrayList<>();
      json.path("variables").forEach(name -> names.add(name.asString("")));
      return names;
    }
  }
}
