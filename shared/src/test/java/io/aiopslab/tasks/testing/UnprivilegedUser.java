package io.aiopslab.tasks.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Who runs PostgreSQL, which refuses to run as root. */
final class UnprivilegedUser {
  private final List<String> prefix;

  private UnprivilegedUser(List<String> prefix) {
    this.prefix = prefix;
  }

  /**
   * The user of this JVM, unless that is root: then {@code postgres} or {@code nobody}, who is
   * given the folder, or else root in a user namespace, who is nobody there.
   */
  static UnprivilegedUser owning(Path folder) {
    if (!output("id", "-u").equals("0")) {
      return new UnprivilegedUser(List.of());
    }
    for (String name : List.of("postgres", "nobody")) {
      String user = output("id", "-u", name);
      String group = output("id", "-g", name);
      List<String> prefix =
          List.of("setpriv", "--reuid=" + user, "--regid=" + group, "--clear-groups");
      output("chown", user + ":" + group, folder.toString());
      UnprivilegedUser candidate = new UnprivilegedUser(prefix);
      if (!output(candidate.command("find", folder + "/", "-writable")).isEmpty()) {
        return candidate;
      }
    }
    output("chown", "0:0", folder.toString());
    return new UnprivilegedUser(List.of("unshare", "-U"));
  }

  String[] command(String... command) {
    return Stream.concat(prefix.stream(), Stream.of(command)).toArray(String[]::new);
  }

  /** What the command printed; nothing if there is no such command. */
  private static String output(String... command) {
    try {
      Process process =
          new ProcessBuilder(new ArrayList<>(List.of(command)))
              .redirectError(Redirect.DISCARD)
              .start();
      return new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    } catch (IOException e) {
      return "";
    }
  }
}
