package io.aiopslab.tasks.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The folder with {@code initdb} and {@code postgres}. */
record PostgresPrograms(Path folder) {

  /** The installed programs of the highest version, or else those that the build brings along. */
  static PostgresPrograms find() {
    return installed().orElseGet(PostgresPrograms::unpacked);
  }

  String path(String program) {
    return folder.resolve(program).toString();
  }

  /** A client program of the server's own version, where the folder may hold links only. */
  Path besideServer(String program) {
    try {
      return folder.resolve("postgres").toRealPath().resolveSibling(program);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<PostgresPrograms> installed() {
    Stream<Path> onPath =
        Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)).map(Path::of);
    return Stream.concat(onPath, debianFolders())
        .filter(folder -> Files.isExecutable(folder.resolve("initdb")))
        .filter(folder -> Files.isExecutable(folder.resolve("postgres")))
        .findFirst()
        .map(PostgresPrograms::new);
  }

  private static Stream<Path> debianFolders() {
    try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
      Comparator<Path> byVersion =
          Comparator.comparingInt(version -> Integer.parseInt(version.getFileName().toString()));
      List<Path> newestFirst =
          versions
              .filter(version -> version.getFileName().toString().matches("\\d+"))
              .sorted(byVersion.reversed())
              .toList();
      return newestFirst.stream().map(version -> version.resolve("bin"));
    } catch (IOException none) {
      return Stream.empty();
    }
  }

  /** Has the embedded PostgreSQL unpack itself, and asks its server where to. */
  static PostgresPrograms unpacked() {
    try (EmbeddedPostgres server = EmbeddedPostgres.start();
        Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT setting FROM pg_config WHERE name = 'BINDIR'")) {
      row.next();
      return new PostgresPrograms(Path.of(row.getString(1)));
    } catch (IOException | SQLException e) {
      throw new IllegalStateException("the embedded PostgreSQL does not start", e);
    }
  }
}
