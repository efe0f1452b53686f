package io.aiopslab.tasks.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;

import io.aiopslab.tasks.testing.TestNetwork.Host;
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
import org.springframework.util.FileSystemUtils;

/** A PostgreSQL server with its own data and port, on loopback or a host of a test's network. */
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
  private final Host host;
  private final ServerDirectory directory = ServerDirectory.create("postgres");
  private final Path data = directory.path().resolve("data");
  private final UnprivilegedUser user = UnprivilegedUser.owning(directory.path());
  private final int port = FreePort.find();
  private @Nullable ServerProcess server;

  private PostgresCluster(PostgresPrograms programs, List<String> settings, Host host) {
    this.programs = programs;
    this.settings = settings;
    this.host = host;
  }

  static PostgresCluster start(PostgresPrograms programs, List<String> settings) {
    return start(programs, settings, Host.LOOPBACK);
  }

  static PostgresCluster start(PostgresPrograms programs, List<String> settings, Host host) {
    PostgresCluster cluster = new PostgresCluster(programs, settings, host);
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
        "jdbc:postgresql://" + place() + "/postgres", "postgres", "postgres");
  }

  /** {@code host:port}. */
  String place() {
    return host.address() + ":" + port;
  }

  /** A standby of this server, which is stopped for as long as its data is copied. */
  PostgresCluster startStandby(Host other) {
    PostgresCluster standby = new PostgresCluster(programs, settings, other);
    try {
      stop();
      standby.complete("cp", "-a", data.toString(), standby.data.toString());
      start();
      standby.follow(this);
      standby.start();
      return standby;
    } catch (RuntimeException e) {
      standby.close();
      throw e;
    }
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

  /** Makes a server that is not running a standby of that one, from its next start on. */
  private void follow(PostgresCluster primary) {
    append(
        "postgresql.auto.conf",
        "primary_conninfo = 'host=%s port=%d user=postgres'\n"
            .formatted(primary.host.address(), primary.port));
    append("standby.signal", "");
  }

  /**
   * Makes a server that is not running a standby of that one, with a new copy of its data instead
   * of its own, and starts it.
   */
  void startAgainAsStandbyOf(PostgresCluster primary) {
    try {
      FileSystemUtils.deleteRecursively(data);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    complete(
        programs.besideServer("pg_basebackup").toString(),
        "--pgdata=" + data,
        "--dbname=host=%s port=%d user=postgres".formatted(primary.host.address(), primary.port),
        "--checkpoint=fast",
        "--no-sync");
    follow(primary);
    start();
  }

  boolean isRunning() {
    return server != null;
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
                "PGHOST",
                host.address(),
                "PGPORT",
                Integer.toString(port),
                "PGUSER",
                "postgres",
                "PGDATABASE",
                "postgres"));
    Path errors = directory.path().resolve(program + ".errors");
    try {
      Process process = command.redirectError(errors.toFile()).start();
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
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
    complete(
        programs.path("initdb"),
        "--pgdata=" + data,
        "--username=postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync");
    if (host != Host.LOOPBACK) {
      append("pg_hba.conf", "host all all samenet trust\nhost replication all samenet trust\n");
    }
  }

  /** Runs it as whoever runs the server, from the server's host. */
  private void complete(String... command) {
    try {
      Process process =
          command(Stream.of(command))
              .directory(directory.path().toFile())
              .redirectErrorStream(true)
              .start();
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException(command[0] + " failed:\n" + output);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private void append(String file, String lines) {
    try {
      Files.writeString(data.resolve(file), lines, CREATE, APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
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
            "listen_addresses=" + host.address(),
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
    ProcessBuilder builder =
        host.command(new ProcessBuilder(user.command(command.toArray(String[]::new))));
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    builder.environment().put("LC_ALL", "C");
    return builder;
  }
}
