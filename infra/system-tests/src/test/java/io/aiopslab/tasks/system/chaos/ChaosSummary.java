package io.aiopslab.tasks.system.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The table of all rounds: printed as it grows, and kept in a file. */
final class ChaosSummary {
  private static final Path FILE = Path.of("target", "chaos-summary.txt");

  private final List<String> lines = new ArrayList<>();
  private final List<RoundResult> results = new ArrayList<>();

  ChaosSummary(ChaosPlan plan, Path directory) {
    say("seed %d: replay with -Daiopslab.chaos.seed=%<d".formatted(plan.seed()));
    say("services log to " + directory);
    say(RoundResult.HEADING);
  }

  void say(String line) {
    System.out.println("chaos: " + line);
    lines.add(line);
    try {
      Files.createDirectories(FILE.toAbsolutePath().getParent());
      Files.write(FILE, lines);
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
