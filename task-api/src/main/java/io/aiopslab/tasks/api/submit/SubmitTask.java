package io.aiopslab.tasks.api.submit;

import io.aiopslab.tasks.api.dispatch.TicketOutbox;
import io.aiopslab.tasks.message.Ticket;
import io.aiopslab.tasks.store.TaskSubmissions;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.view.TaskView;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.URI;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** A task is accepted once its row is committed; its ticket follows when the broker takes it. */
@RestController
@Tag(name = "tasks")
class SubmitTask {
  private final TaskSubmissions submissions;
  private final TicketOutbox outbox;
  private final Counter submitted;

  SubmitTask(TaskSubmissions submissions, TicketOutbox outbox, MeterRegistry metrics) {
    this.submissions = submissions;
    this.outbox = outbox;
    this.submitted =
        Counter.builder("aiopslab.tasks.submitted")
            .description("Tasks that were accepted")
            .register(metrics);
  }

  @Operation(
      summary = "Submit a task",
      description =
          "Answers once the task is stored for good; a worker of its backend_type runs it when it"
              + " is the most urgent one. The body is a JSON object of at most 256 KiB; unknown"
              + " fields are refused.")
  @ApiResponse(
      responseCode = "201",
      description = "The task, pending",
      headers =
          @Header(
              name = "Location",
              description = "Where to look at the task",
              schema = @Schema(type = "string")))
  @PostMapping(
      path = "/api/v1/tasks",
      consumes = MediaType.APPLICATION_JSON_VALUE,
      produces = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<TaskView> submit(@RequestBody SubmitRequest request) {
    Task task = submissions.submit(request.toSpec());
    submitted.increment();
    outbox.offer(Ticket.of(task.id(), task.spec().backendType()));
    return ResponseEntity.created(URI.create("/api/v1/tasks/" + task.id()))
        .body(TaskView.fresh(task));
  }
}
