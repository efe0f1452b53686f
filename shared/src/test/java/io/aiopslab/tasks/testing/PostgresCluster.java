package io.aiopslab.tasks.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/** A PostgreSQL server with its own data and port, on the loopback interface. */
final class PostgresCluster implements AutoCloseable {
  /** For a server whose data may go with it: nothing waits for the disk. */
  static final List<String> UNSAFE_AND_FAST =
      List.of("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off");

  /** As in production. */
  static final List<String> DURABLE = List.of();

  private static final String FAST_SHUTDOWN = "INT";
  private static final String IMMEDIATE_SHUTDOWN = "QUIT";

  private final PostgresPrograms programs;
  private final List<String> settings;
  private final ServerDirectory directory = ServerDirectory.create("postgres");
  private final Path data = directory.path().resolve("data");
  private final UnprivilegedUser user = UnprivilegedUser.owning(directory.path());
  private final int port = FreePort.find();
  private @Nullable ServerProcess server;

  private PostgresCluster(PostgresPrograms programs, List<String> settings) {
    this.programs = programs;
    this.settings = settings;
  }

  static PostgresCluster start(PostgresPrograms programs, List<String> settings) {
    PostgresCluster cluster = new PostgresCluster(programs, settings);
    try {
      cluster.initialize();
      cluster.start();
      return cluster;
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  DatabaseAddress address() {
    return new DatabaseAddress(
        "jdbc:postgresql://127.0.0.1:" + port + "/postgres", "postgres", "postgres");
  }

  long pid() {
    return running().pid();
  }

  /** Starts the server that is not running, with the data it has; returns once it answers. */
  void start() {
    if (server != null) {
      throw new IllegalStateException("the server runs already");
    }
    ServerProcess started = ServerProcess.start(serverCommand(), directory, IMMEDIATE_SHUTDOWN);
    started.awaitReady(this::answers);
    server = started;
  }

  void stop() {
    end(FAST_SHUTDOWN);
  }

  void kill() {
    end("KILL");
  }

  void pause() {
    running().pause();
  }

  void resume() {
    running().resume();
  }

  String run(String program, String... arguments) {
    Path installed = programs.besideServer(program);
    Assumptions.assumeTrue(Files.isExecutable(installed), () -> "no " + installed);
    ProcessBuilder command =
        new ProcessBuilder(
            Stream.concat(Stream.of(installed.toString()), Stream.of(arguments)).toList());
    command
        .environment()
        .putAll(
            Map.of(
                "PGHOST", "127.0.0.1",
                "PGPORT", Integer.toString(port),
                "PGUSER", "postgres",
                "PGDATABASE", "postgres"));
    Path errors = directory.path().resolve(program + ".errors");
    try {
      Process process = command.redirectError(errors.toFile()).start();
      String output =
          new String(
              process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException(program + " failed:\n" + Files.readString(errors));
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** An immediate shutdown rather than SIGKILL, which would leave shared memory behind. */
  @Override
  public void close() {
    directory.close();
  }

  private void end(String signal) {
    running().end(signal);
    server = null;
  }

  private ServerProcess running() {
    return Optional.ofNullable(server)
        .orElseThrow(() -> new IllegalStateException("the server is not running"));
  }

  private boolean answers() {
    try (Connection connection = address().dataSource().getConnection()) {
      return connection.isValid(1);
    } catch (SQLException e) {
      return false;
    }
  }

  private void initialize() {
    ProcessBuilder initdb =
        command(
            Stream.of(
                programs.path("initdb"),
                "--pgdata=" + data,
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync"));
    try {
      Process process =
          initdb.directory(directory.path().toFile()).redirectErrorStream(true).start();
      String output =
          new String(
              process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException("initdb failed:\n" + output);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private ProcessBuilder serverCommand() {
    Stream<String> base =
        Stream.of(
            programs.path("postgres"),
            "-D",
            data.toString(),
            "-p",
            Integer.toString(port),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=",
            "-c",
            "dynamic_shared_memory_type=mmap",
            "-c",
            "max_connections=300",
            "-c",
            "timezone=UTC");
    return command(Stream.concat(base, settings.stream()));
  }

  private ProcessBuilder command(Stream<String> command) {
    ProcessBuilder builder = new ProcessBuilder(user.command(command.toArray(String[]::new)));
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    builder.environment().put("LC_ALL", "C");
    return builder;
  }
}
