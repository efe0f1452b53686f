package io.aiopslab.tasks.system;

import io.aiopslab.tasks.message.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/**
 * The tables of {@code docs/operations.md}, and what the management API shows in their words. A row
 * is its first cells, joined by blanks; names that an installation has chosen are placeholders.
 */
final class DocumentedTopology {
  private static final Path PAGE = Path.of("../../docs/operations.md");

  private DocumentedTopology() {}

  /**
   * @param head first cell of the table's head
   * @param cells how many of each row count
   */
  static Set<String> rows(String head, int cells) {
    try {
      Stream<String> table =
          Files.readAllLines(PAGE).stream()
              .dropWhile(line -> !line.startsWith("| " + head + " |"))
              .takeWhile(line -> line.startsWith("|"))
              .skip(2);
      return sorted(table.map(line -> row(line, cells)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String row(String line, int cells) {
    List<String> all = Arrays.stream(line.split("\\|", -1)).skip(1).map(String::strip).toList();
    return String.join(" ", all.subList(0, cells)).replace("`", "").strip();
  }

  static Set<String> exchanges(GuardedSystem system) {
    return shown(
        system,
        "exchanges",
        one -> one.path("name").asString().matches("(amq\\..*)?"),
        one -> one.path("name").asString() + " " + one.path("type").asString());
  }

  static Set<String> queues(GuardedSystem system) {
    return shown(
        system,
        "queues",
        one -> false,
        one -> general(one.path("name").asString()) + " " + one.path("policy").asString(""));
  }

  static Set<String> bindings(GuardedSystem system) {
    return shown(
        system,
        "bindings",
        one -> one.path("source").asString().isEmpty(),
        one ->
            one.path("source").asString()
                + " "
                + general(one.path("destination").asString())
                + " "
                + general(one.path("routing_key").asString()));
  }

  private static Set<String> shown(
      GuardedSystem system,
      String kind,
      Function<JsonNode, Boolean> builtIn,
      Function<JsonNode, String> row) {
    JsonNode all =
        Json.mapper()
            .readTree(system.manage("GET", "/api/" + kind + "/" + GuardedSystem.VIRTUAL_HOST, ""));
    return sorted(
        StreamSupport.stream(all.spliterator(), false)
            .filter(one -> !builtIn.apply(one))
            .map(row)
            .map(String::strip));
  }

  private static String general(String name) {
    return name.replaceAll("^((tasks\\.)?backend\\.).+", "$1<backend_type>")
        .replaceAll("^((tasks\\.)?cluster\\.).+", "$1<cluster>")
        .replaceAll("^(replies\\.api\\.).+", "$1<process>");
  }

  private static Set<String> sorted(Stream<String> rows) {
    return rows.collect(TreeSet::new, Set::add, Set::addAll);
  }
}
