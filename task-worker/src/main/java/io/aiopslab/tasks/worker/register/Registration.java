package io.aiopslab.tasks.worker.register;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.store.WorkerControls;
import io.aiopslab.tasks.store.Workers;
import io.aiopslab.tasks.task.Worker;
import io.aiopslab.tasks.worker.run.FindProblems;
import io.aiopslab.tasks.worker.settings.ClusterSettings;
import io.aiopslab.tasks.worker.slot.Slot;
import io.aiopslab.tasks.worker.slot.SlotBoard;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.info.BuildProperties;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The rows of this process's slots in the list of workers. */
@Component
public class Registration {
  private static final Logger log = LoggerFactory.getLogger(Registration.class);

  private final UUID incarnation = UUID.randomUUID();
  private final Workers workers;
  private final WorkerControls controls;
  private final SlotBoard board;
  private final FindProblems problems;
  private final String version;

  Registration(
      Workers workers,
      WorkerControls controls,
      SlotBoard board,
      FindProblems problems,
      ObjectProvider<BuildProperties> build) {
    this.workers = workers;
    this.controls = controls;
    this.board = board;
    this.problems = problems;
    BuildProperties properties = build.getIfAvailable();
    String built = properties == null ? null : properties.getVersion();
    this.version = built == null ? "unknown" : built;
  }

  /** Enters all slots; whoever had one of their names before is out. */
  public void register() throws InterruptedException {
    for (Slot slot : board.slots()) {
      ClusterSettings cluster = slot.cluster();
      workers.register(
          new Worker(
              cluster.name(),
              cluster.backendType(),
              incarnation,
              capabilities(cluster),
              metadata(cluster)));
      log.info("Registered worker {} for backend {}", cluster.name(), cluster.backendType());
    }
  }

  /** One heartbeat for all slots that are still ours. */
  void beat() {
    List<Slot> ours = board.slots().stream().filter(slot -> !slot.isTakenOver()).toList();
    List<String> lost =
        workers.beat(
            ours.stream()
                .map(
                    slot ->
                        new Worker.Pulse(
                            slot.cluster().name(),
                            incarnation,
                            slot.currentTask(),
                            slot.quarantine()))
                .toList());
    for (Slot slot : ours) {
      if (lost.contains(slot.cluster().name())) {
        slot.takeOver();
        log.error(
            "Another process has registered as worker {}; this one takes no more work for that"
                + " cluster. Stop one of the two, or give them different cluster names",
            slot.cluster().name());
      }
    }
    obeyOperators();
  }

  private void obeyOperators() {
    Set<String> held =
        controls.heldAmong(board.slots().stream().map(slot -> slot.cluster().name()).toList());
    for (Slot slot : board.slots()) {
      boolean hold = held.contains(slot.cluster().name());
      if (hold != slot.isHeld()) {
        slot.hold(hold);
        log.info(
            hold
                ? "Worker {} takes no more work: an operator has paused it or lets it drain"
                : "Worker {} takes work again: an operator has resumed it",
            slot.cluster().name());
      }
    }
  }

  /** Says that the slots are gone, so that nobody has to wait for the heartbeat to grow old. */
  public void signOff() {
    for (Slot slot : board.slots()) {
      try {
        workers.signOff(slot.cluster().name(), incarnation);
      } catch (DataAccessException e) {
        log.warn("Worker {} could not sign off: {}", slot.cluster().name(), e.getMessage());
      }
    }
  }

  /** An operator's list of problems counts; the rest of what is known goes with it. */
  private ObjectNode capabilities(ClusterSettings cluster) throws InterruptedException {
    ObjectNode capabilities = Json.mapper().createObjectNode().put("max_parallel_tasks", 1);
    ObjectNode known = problems.of(cluster);
    List<String> chosen = cluster.supportedProblems();
    if (known != null) {
      ArrayNode described = capabilities.putArray("problems");
      for (JsonNode problem : known.path("problems")) {
        if (chosen.isEmpty() || chosen.contains(problem.path("id").asString(""))) {
          described.add(problem);
        }
      }
      capabilities.set("unsupported_problems", known.path("unsupported"));
    }
    if (known != null || !chosen.isEmpty()) {
      ArrayNode ids = capabilities.putArray("supported_problems");
      if (chosen.isEmpty()) {
        capabilities.path("problems").forEach(problem -> ids.add(problem.path("id")));
      } else {
        chosen.forEach(ids::add);
      }
    }
    return capabilities;
  }

  private ObjectNode metadata(ClusterSettings cluster) {
    return Json.mapper()
        .createObjectNode()
        .put("host", host())
        .put("pid", ProcessHandle.current().pid())
        .put("environment", cluster.environment())
        .put("version", version)
        .put("java", System.getProperty("java.version"));
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }
}
