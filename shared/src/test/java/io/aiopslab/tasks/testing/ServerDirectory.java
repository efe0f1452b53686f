package io.aiopslab.tasks.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A temporary directory of one test server, together with the processes that live on it. A watchdog
 * process ends those and deletes the directory when this is closed, and likewise when the JVM ends
 * without closing it, be it by SIGKILL.
 */
final class ServerDirectory implements AutoCloseable {
  private static final String WATCHDOG =
      """
      trap '' HUP INT TERM
      while read -r _; do :; done
      each() { [ ! -f "$dir/processes" ] || while read -r signal pid; do "$@"; done <"$dir/processes"; }
      end() { kill -CONT "$pid" $(cat /proc/"$pid"/task/*/children); kill -"$signal" "$pid"; }
      await() {
        [ "$signal" != KILL ] || return 0
        n=0
        while kill -0 "$pid" && [ $n -lt 50 ]; do sleep 0.1; n=$((n + 1)); done
      }
      slay() { kill -KILL "$pid"; }
      dir=$1
      each end
      each await
      each slay
      rm -rf "$dir" || { sleep 1; rm -rf "$dir"; }
      """;

  private final Path path;
  private final Process watchdog;
  private final Map<Long, String> endSignals = new LinkedHashMap<>();

  private ServerDirectory(Path path, Process watchdog) {
    this.path = path;
    this.watchdog = watchdog;
  }

  static ServerDirectory create(String name) {
    try {
      Path path = Files.createTempDirectory("aiopslab-test-" + name + "-");
      Process watchdog =
          new ProcessBuilder("sh", "-c", WATCHDOG, "watchdog", path.toString())
              .directory(new File("/"))
              .redirectOutput(Redirect.DISCARD)
              .redirectError(Redirect.DISCARD)
              .start();
      return new ServerDirectory(path, watchdog);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path path() {
    return path;
  }

  /** Ends the process with this signal, SIGKILL five seconds later, before the directory goes. */
  synchronized void guard(long pid, String endSignal) {
    endSignals.put(pid, endSignal);
    writeProcesses();
  }

  /** Forgets a process that has ended, as its id may soon be another's. */
  synchronized void release(long pid) {
    endSignals.remove(pid);
    writeProcesses();
  }

  private void writeProcesses() {
    String lines =
        endSignals.entrySet().stream()
            .map(e -> e.getValue() + " " + e.getKey() + "\n")
            .collect(Collectors.joining());
    try {
      Path draft = Files.writeString(path.resolve("processes.draft"), lines);
      Files.move(draft, path.resolve("processes"), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns once the processes have ended and the directory is gone. */
  @Override
  public void close() {
    try {
      watchdog.getOutputStream().close();
      if (!watchdog.waitFor(20, TimeUnit.SECONDS)) {
        throw new IllegalStateException("could not clean up " + path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
