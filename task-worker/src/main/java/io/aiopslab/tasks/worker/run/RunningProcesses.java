package io.aiopslab.tasks.worker.run;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Who runs on this host: read from /proc, or asked of {@code ps} where there is none (macOS). */
final class RunningProcesses {
  static final RunningProcesses HERE = new RunningProcesses(Path.of("/proc"), Path.of("/bin/ps"));

  private static final int TRIES = 3;

  /** BSD's: of all users, with the environment, however wide. On macOS its letter is another. */
  private static final String EVERYTHING =
      System.getProperty("os.name", "").startsWith("Mac") ? "axEww" : "axeww";

  private final Path proc;
  private final Path ps;

  /**
   * @param ps a path and no name, so that nobody can put another first on the PATH
   */
  RunningProcesses(Path proc, Path ps) {
    this.proc = proc;
    this.ps = ps;
  }

  /**
   * A process that has not ended.
   *
   * @param session 0 where nobody tells
   * @param environment whether {@code NAME=value} is in it; not where this user is not shown it
   */
  record Seen(long pid, long group, long session, Predicate<String> environment) {}

  /**
   * @throws IllegalStateException if nothing tells who runs here
   */
  List<Seen> living() {
    try {
      return Files.exists(proc.resolve("self/stat")) ? inProc() : byPs();
    } catch (IOException e) {
      throw new IllegalStateException(
          "the worker cannot see what runs on this host; mount /proc, or install " + ps, e);
    }
  }

  private List<Seen> inProc() throws IOException {
    List<Seen> living = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (Path entry : entries) {
        seen(entry).ifPresent(living::add);
      }
    }
    return living;
  }

  private static Optional<Seen> seen(Path entry) {
    try {
      String stat = Files.readString(entry.resolve("stat"), ISO_8859_1);
      // After the name, which may hold anything: state, parent, group, session.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 5);
      return living(
          fields[0],
          new Seen(
              Long.parseLong(entry.getFileName().toString()),
              Long.parseLong(fields[2]),
              Long.parseLong(fields[3]),
              variable -> hasVariable(entry, variable)));
    } catch (IOException e) {
      return Optional.empty(); // it ended meanwhile
    }
  }

  private static boolean hasVariable(Path entry, String variable) {
    try {
      String environment = Files.readString(entry.resolve("environ"), ISO_8859_1);
      return ("\0" + environment).contains("\0" + variable + "\0");
    } catch (IOException e) {
      return false; // another user's, or gone
    }
  }

  private List<Seen> byPs() throws IOException {
    for (int i = 0; i < TRIES; i++) {
      Process process = start();
      byte[] said = process.getInputStream().readAllBytes();
      if (process.onExit().join().exitValue() == 0) {
        return new String(said, ISO_8859_1)
            .lines()
            .map(RunningProcesses::seen)
            .flatMap(Optional::stream)
            .filter(seen -> seen.pid() != process.pid())
            .toList();
      }
    }
    throw new IOException(ps + " fails");
  }

  private Process start() throws IOException {
    List<String> command = new ArrayList<>(List.of(ps.toString(), EVERYTHING));
    for (String column : List.of("pid=", "pgid=", "stat=", "command=")) {
      command.addAll(List.of("-o", column)); // a list of them would be one heading to BSD's
    }
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(Redirect.DISCARD);
    builder.environment().clear();
    builder.environment().put("LC_ALL", "C");
    Process process = builder.start();
    process.getOutputStream().close();
    return process;
  }

  /** Of a line of ps, whose last column is the command line and the environment in one. */
  private static Optional<Seen> seen(String line) {
    String[] columns = line.strip().split("\\s+", 4);
    if (columns.length < 4 || !(columns[0] + columns[1]).matches("\\d+")) {
      return Optional.empty();
    }
    String words = " " + columns[3] + " ";
    return living(
        columns[2],
        new Seen(
            Long.parseLong(columns[0]),
            Long.parseLong(columns[1]),
            0,
            variable -> words.contains(" " + variable + " ")));
  }

  private static Optional<Seen> living(String state, Seen process) {
    boolean dead = state.startsWith("Z") || state.startsWith("X");
    return dead ? Optional.empty() : Optional.of(process);
  }
}
