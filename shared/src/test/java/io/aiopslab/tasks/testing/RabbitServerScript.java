package io.aiopslab.tasks.testing;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** RabbitMQ's own start script, without the wrapper by which a distribution changes the user. */
record RabbitServerScript(Path path) {

  static Optional<RabbitServerScript> find() {
    Stream<Path> packaged =
        Stream.of("/usr/lib/rabbitmq/bin", "/opt/homebrew/sbin", "/usr/local/sbin").map(Path::of);
    Stream<Path> unpacked =
        Stream.ofNullable(System.getenv("RABBITMQ_HOME")).map(home -> Path.of(home, "sbin"));
    return Stream.concat(unpacked, packaged)
        .map(folder -> folder.resolve("rabbitmq-server"))
        .filter(Files::isExecutable)
        .findFirst()
        .map(RabbitServerScript::new);
  }

  /** A command that sees none of the RabbitMQ and Erlang settings of this JVM's environment. */
  ProcessBuilder command(Map<String, String> environment, String... command) {
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> inherited = builder.environment();
    inherited
        .keySet()
        .removeIf(
            name ->
                name.startsWith("RABBITMQ_")
                    || name.startsWith("ERL_")
                    || name.startsWith("NOTIFY"));
    inherited.putAll(environment);
    inherited.merge("PATH", erlangFolders(), (path, more) -> path + File.pathSeparator + more);
    return builder;
  }

  /** Where epmd is when it is not on the path itself. */
  private static String erlangFolders() {
    File[] runtimes =
        new File("/usr/lib/erlang").listFiles((dir, name) -> name.startsWith("erts-"));
    return Stream.ofNullable(runtimes)
        .flatMap(Arrays::stream)
        .map(runtime -> runtime + "/bin")
        .reduce("/usr/sbin", (path, more) -> path + File.pathSeparator + more);
  }
}
