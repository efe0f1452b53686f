package io.aiopslab.tasks.worker.run;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * The processes of a run: the group and session that its supervisor leads, and whatever has the
 * run's session id in its environment, as a process that made a session of its own still has.
 *
 * @param leader 0 where it is not known
 */
record ProcessGroup(long leader, UUID session) {
  private static final Path PROC = Path.of("/proc");

  /** SIGKILL to all of them. */
  void kill() throws InterruptedException {
    List<String> command = new ArrayList<>(List.of("kill", "-KILL", "--"));
    if (leader > 0) {
      command.add("-" + leader);
    }
    living().forEach(pid -> command.add(Long.toString(pid)));
    try {
      new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      throw new IllegalStateException("there is no program 'kill' on the PATH of the worker", e);
    }
  }

  /** Pids of those that still run; empty where there is no /proc to look at. */
  List<Long> living() {
    List<Long> living = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path entry : entries) {
        if (belongs(entry)) {
          living.add(Long.valueOf(entry.getFileName().toString()));
        }
      }
    } catch (IOException e) {
      return List.of();
    }
    return living;
  }

  private boolean belongs(Path entry) {
    try {
      String stat = Files.readString(entry.resolve("stat"), ISO_8859_1);
      // After the name, which may hold anything: state, parent, group, session.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 5);
      boolean dead = fields[0].equals("Z") || fields[0].equals("X");
      return !dead && (isLedBy(fields[2]) || isLedBy(fields[3]) || isMarked(entry));
    } catch (IOException e) {
      return false; // it ended meanwhile
    }
  }

  /** Processes whose leader is outside this container have the group and session 0: not ours. */
  private boolean isLedBy(String id) {
    return leader > 0 && id.equals(Long.toString(leader));
  }

  private boolean isMarked(Path entry) {
    try {
      String environment = Files.readString(entry.resolve("environ"), ISO_8859_1);
      return ("\0" + environment).contains("\0" + RunVariables.SESSION + "=" + session + "\0");
    } catch (IOException e) {
      return false; // another user's, or gone
    }
  }
}
