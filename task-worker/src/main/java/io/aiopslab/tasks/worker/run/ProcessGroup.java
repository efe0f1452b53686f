package io.aiopslab.tasks.worker.run;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The processes of a run: the group and session that its supervisor leads. */
record ProcessGroup(long leader) {
  private static final Path PROC = Path.of("/proc");

  /** SIGKILL to all of them at once. */
  void kill() throws InterruptedException {
    try {
      new ProcessBuilder("kill", "-KILL", "--", "-" + leader)
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
      String stat =
          Files.readString(entry.resolve("stat"), java.nio.charset.StandardCharsets.ISO_8859_1);
      // After the name, which may hold anything: state, parent, group, session.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 5);
      boolean dead = fields[0].equals("Z") || fields[0].equals("X");
      String id = Long.toString(leader);
      return !dead && (fields[2].equals(id) || fields[3].equals(id));
    } catch (IOException e) {
      return false; // it ended meanwhile
    }
  }
}
