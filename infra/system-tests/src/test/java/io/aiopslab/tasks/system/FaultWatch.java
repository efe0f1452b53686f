package io.aiopslab.tasks.system;

import io.aiopslab.tasks.message.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;

/** Every state that the Deployments and Services of a cluster have been in, as its API told. */
final class FaultWatch implements AutoCloseable {
  private final KindHost host;
  private final String cluster;
  private final List<State> states = new CopyOnWriteArrayList<>();
  private final Set<Process> processes = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * @param at when it was heard of
   */
  private record State(Instant at, JsonNode object) {}

  FaultWatch(KindHost host, String cluster) {
    this.host = host;
    this.cluster = cluster;
    for (String kind : List.of("deployments", "services")) {
      Thread reader = new Thread(() -> watch(kind), "watch-" + cluster + "-" + kind);
      reader.setDaemon(true);
      reader.start();
    }
  }

  /** A server ends each watch after a while; the next one begins with what is there. */
  private void watch(String kind) {
    while (!closed) {
      try {
        Process process = host.watch(cluster, kind);
        processes.add(process);
        if (closed) {
          process.destroy();
        }
        read(process);
        processes.remove(process);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void read(Process process) {
    try (MappingIterator<JsonNode> events =
        Json.mapper().readerFor(JsonNode.class).readValues(process.getInputStream())) {
      while (events.hasNext()) {
        states.add(new State(Instant.now(), events.next().path("object")));
      }
    } catch (JacksonException e) {
      process.destroy(); // it was ended in the middle of an object
    }
  }

  /** Whether it has been seen in that time. */
  boolean hasSeen(Fault fault, Instant since, Instant until) {
    return in(since, until).anyMatch(object -> fault.isIn(object));
  }

  /** Whether the object was in order when it was last seen in that time, or was not seen at all. */
  boolean isGone(Fault fault, Instant since, Instant until) {
    return in(since, until)
        .filter(fault::isOf)
        .reduce((earlier, later) -> later)
        .map(last -> !fault.isIn(last))
        .orElse(true);
  }

  private Stream<JsonNode> in(Instant since, Instant until) {
    return states.stream()
        .filter(state -> !state.at.isBefore(since) && state.at.isBefore(until))
        .map(State::object);
  }

  /**
   * How a fault shows in an object.
   *
   * @param path of a value in the object
   */
  record Fault(String kind, String name, String path, Predicate<JsonNode> isFaulty) {
    boolean isOf(JsonNode object) {
      return object.path("kind").asString().equals(kind)
          && object.at("/metadata/name").asString().equals(name);
    }

    boolean isIn(JsonNode object) {
      return isOf(object) && isFaulty.test(object.at(path));
    }
  }

  @Override
  public void close() {
    closed = true;
    processes.forEach(Process::destroy);
  }
}
