package io.aiopslab.tasks.system.chaos;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Living processes of runs, found by the session id in their environment: a process may leave its
 * group and its parents, and its number may be given to another; its environment stays.
 */
final class Survivors {
  private static final String VARIABLE = "AIOPSLAB_SESSION_ID=";

  private Survivors() {}

  /**
   * @return process ids by session
   */
  static Map<String, List<Long>> of(Set<String> sessions) {
    Map<String, List<Long>> found = new HashMap<>();
    ProcessHandle.allProcesses()
        .forEach(
            process ->
                session(process.pid())
                    .filter(sessions::contains)
                    .ifPresent(
                        session ->
                            found
                                .computeIfAbsent(session, key -> new ArrayList<>())
                                .add(process.pid())));
    return found;
  }

  /** Empty for a process that has ended, also if nobody has reaped it yet. */
  private static Optional<String> session(long pid) {
    try {
      String environment = Files.readString(Path.of("/proc/" + pid + "/environ"), ISO_8859_1);
      return Arrays.stream(environment.split("\0"))
          .filter(variable -> variable.startsWith(VARIABLE))
          .map(variable -> variable.substring(VARIABLE.length()))
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
