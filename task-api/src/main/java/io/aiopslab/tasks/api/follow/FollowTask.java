package io.aiopslab.tasks.api.follow;

import io.aiopslab.tasks.api.tasks.ReadTask;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** A task's life as server-sent events. */
@RestController
@Tag(name = "tasks")
class FollowTask {
  private final ReadTask read;
  private final EventTail tail;

  FollowTask(ReadTask read, EventTail tail) {
    this.read = read;
    this.tail = tail;
  }

  @Operation(
      summary = "Follow a task as server-sent events",
      description =
          "Events status (as it is now), log, step, progress and result with JSON data as the other"
              + " calls show it, each with an id that says how far the client has come: sent back as"
              + " Last-Event-ID it resumes without gap or repeat, at any instance. A comment comes"
              + " every 15 s of silence. After event end the task is terminal and everything has"
              + " been sent; event shutdown asks to connect again, elsewhere or later. A client that"
              + " does not read is dropped.")
  @ApiResponse(
      responseCode = "200",
      description = "The stream",
      content =
          @Content(
              mediaType = MediaType.TEXT_EVENT_STREAM_VALUE,
              schema = @Schema(type = "string")))
  @ApiResponse(
      responseCode = "204",
      description = "Last-Event-ID is that of event end: there is nothing more to follow",
      content = @Content)
  @GetMapping(path = "/api/v1/tasks/{id}/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  void follow(
      @PathVariable("id") UUID id,
      @Parameter(
              description =
                  "Only these events, with commas between: status, log, step, progress, result",
              example = "log,step")
          @RequestParam(name = "types", required = false)
          @Nullable String types,
      @Parameter(description = "As the header, which goes before it")
          @RequestParam(name = "last_event_id", required = false)
          @Nullable String lastEventId,
      @Parameter(description = "Id of the last event that was seen", example = "41.7.running.0")
          @RequestHeader(name = "Last-Event-ID", required = false)
          @Nullable String lastEventIdHeader,
      @Parameter(hidden = true) HttpServletRequest request,
      @Parameter(hidden = true) HttpServletResponse response)
      throws IOException {
    Set<EventType> wanted = EventType.parse(types);
    Position position =
        Position.parse(
            Objects.requireNonNullElse(
                lastEventIdHeader, Objects.requireNonNullElse(lastEventId, "")));
    read.find(id);
    if (position.isEnd()) {
      response.setStatus(HttpServletResponse.SC_NO_CONTENT);
      return;
    }
    tail.reserve();
    boolean taken = false;
    try {
      response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
      response.setCharacterEncoding("UTF-8");
      response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
      response.setHeader("X-Accel-Buffering", "no");
      tail.follow(request.startAsync(), id, wanted, position);
      taken = true;
    } finally {
      if (!taken) {
        tail.release();
      }
    }
  }
}
