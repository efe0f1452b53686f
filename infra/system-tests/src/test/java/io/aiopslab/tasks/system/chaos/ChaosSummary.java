package io.aiopslab.tasks.system.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The table of all rounds: printed as it grows, and kept in a file. */
final class ChaosSummary {
  private final Path file;
  private final List<String> lines = new ArrayList<>();
  private final List<RoundResult> results = new ArrayList<>();

  /**
   * @param suite whose table it is; names the file
   */
  ChaosSummary(String suite, long seed, Path directory) {
    file = Path.of("target", suite + "-summary.txt");
    say("seed %d: replay with -Daiopslab.chaos.seed=%<d".formatted(seed));
    say("services log to " + directory);
    say(RoundResult.HEADING);
  }

  void say(String line) {
    System.out.println("chaos: " + line);
    lines.add(line);
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.write(file, lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void add(RoundResult result) {
    results.add(result);
    say(result.row());
    result.broken().forEach(sentence -> say("       " + sentence));
  }

  void end(long seconds) {
    say(
        "%d rounds, %d tasks, %d promises broken, worst recovery %.1f s, %d s in all"
            .formatted(
                results.size(),
                results.stream().mapToInt(RoundResult::tasks).sum(),
                broken().size(),
                results.stream().mapToLong(r -> r.recovery().toMillis()).max().orElse(0) / 1000.0,
                seconds));
  }

  List<String> broken() {
    return results.stream().flatMap(result -> result.broken().stream()).toList();
  }
}
