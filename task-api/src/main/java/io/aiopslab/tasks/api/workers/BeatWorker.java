package io.aiopslab.tasks.api.workers;

import io.aiopslab.tasks.api.web.Problem;
import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.store.RemoteWorkers;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** A sign of life, answered with what the worker has to know. */
@RestController
@Tag(name = "http workers")
class BeatWorker {
  private final RemoteWorkers remote;
  private final FindWorker workers;

  BeatWorker(RemoteWorkers remote, FindWorker workers) {
    this.remote = remote;
    this.workers = workers;
  }

  @Schema(name = "HeartbeatAnswer")
  record Answer(
      @Schema(description = "Claims win nothing until an operator resumes it") boolean paused,
      @Schema(description = "It is to finish what it runs; claims win nothing") boolean draining,
      @Schema(
              description =
                  "Ids of tasks that it has to stop now: a cancel was asked for (answer with"
                      + " …/cancelled), or the task is not its own any more")
          List<UUID> cancel,
      @Schema(
              description =
                  "What counts as running here. One that it does not know, because the answer to"
                      + " its claim was lost, it can run or fail")
          List<RemoteWorkers.Running> running,
      @Schema(description = "Another process has its name: it has to stop everything and end")
          boolean takenOver,
      @Schema(description = "Whether the beat counts: false if another process has its name")
          boolean acknowledged) {}

  @Operation(summary = "Beat, with the worker in the path")
  @ApiResponse(responseCode = "200", description = "What the worker has to know")
  @PostMapping(path = "/api/v1/workers/{id}/heartbeat", produces = MediaType.APPLICATION_JSON_VALUE)
  Answer beat(
      @PathVariable("id") String id,
      @RequestBody(required = false) @Nullable HeartbeatRequest body) {
    HeartbeatRequest request = body == null ? HeartbeatRequest.PLAIN : body;
    if (request.workerId() != null && !request.workerId().equals(id)) {
      throw wrong("conflict", "is not the worker of the path");
    }
    return answer(FindWorker.known(id), request);
  }

  @Operation(summary = "Beat, with the worker in the body")
  @ApiResponse(responseCode = "200", description = "What the worker has to know")
  @PostMapping(path = "/api/v1/workers/heartbeat", produces = MediaType.APPLICATION_JSON_VALUE)
  Answer beat(@RequestBody HeartbeatRequest request) {
    if (request.workerId() == null) {
      throw wrong("required", "is required");
    }
    return answer(request.workerId(), request);
  }

  private Answer answer(String id, HeartbeatRequest request) {
    List<UUID> tasks = request.tasks();
    Optional<RemoteWorkers.Order> order =
        remote.beat(id, request.incarnation(), tasks, request.namesAll());
    if (order.isEmpty()) {
      workers.find(id);
      return new Answer(false, false, tasks, List.of(), true, false);
    }
    return new Answer(
        order.get().paused(),
        order.get().draining(),
        remote.toStop(id, tasks),
        remote.running(id),
        false,
        true);
  }

  private static Refusal wrong(String rule, String message) {
    return Refusal.badRequest(
        "invalid_body",
        "Correct worker_id and beat again: it %s.".formatted(message),
        List.of(new Problem.Detail("worker_id", rule, message)));
  }
}
