package io.aiopslab.tasks.api.follow;

import io.aiopslab.tasks.store.TaskNews.Head;
import io.aiopslab.tasks.store.TaskNews.Mark;
import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.task.TaskProgress;
import io.aiopslab.tasks.task.TaskResult;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.view.ProgressView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** One client that follows one task: what it wants, what it has seen, what it gets next. */
final class Follower {
  private final UUID taskId;
  private final Set<EventType> types;
  private final long patience;
  private final JsonMapper mapper;
  private Position position;
  private long gapSince;

  Follower(
      UUID taskId, Set<EventType> types, Position position, Duration patience, JsonMapper mapper) {
    this.taskId = taskId;
    this.types = types;
    this.position = position;
    this.patience = patience.toNanos();
    this.mapper = mapper;
  }

  /**
   * A row as it is sent.
   *
   * @param at its seq or index
   */
  record Item(long at, String json) {}

  record StatusNews(
      UUID taskId,
      TaskStatus status,
      @Nullable String workerId,
      @Nullable FailureCode failureCode,
      @Nullable String errorDetails,
      Instant updatedAt) {}

  record EndNews(UUID taskId, TaskStatus status) {}

  UUID taskId() {
    return taskId;
  }

  Mark logMark() {
    return new Mark(taskId, position.log());
  }

  Mark stepMark() {
    return new Mark(taskId, position.step());
  }

  boolean wantsLogs(Head head) {
    return types.contains(EventType.LOG) && head.lastLog() > position.log();
  }

  boolean wantsSteps(Head head) {
    return types.contains(EventType.STEP) && head.lastStep() > position.step();
  }

  /** What has happened, except for the end. */
  void advance(Head head, List<Item> lines, List<Item> steps, EventText text) {
    String status = head.status().wire();
    if (!position.stage().equals(status) && !isBehindStatus()) {
      position = position.atStage(status);
      add(EventType.STATUS, news(head), text);
    }
    advanceLog(types.contains(EventType.LOG) ? lines : List.of(), text);
    for (Item step : types.contains(EventType.STEP) ? steps : List.<Item>of()) {
      position = position.atStep(step.at());
      text.add("step", position, step.json());
    }
    advanceProgress(head, text);
  }

  private void advanceLog(List<Item> lines, EventText text) {
    for (Item line : lines) {
      if (line.at() > position.log() + 1 && !isGapOld()) {
        break;
      }
      gapSince = 0;
      position = position.atLog(line.at());
      text.add("log", position, line.json());
    }
  }

  private void advanceProgress(Head head, EventText text) {
    TaskProgress progress = head.progress();
    if (progress == null || head.status() != TaskStatus.RUNNING) {
      return;
    }
    int fingerprint = fingerprint(progress);
    if (fingerprint != position.progress()) {
      position = position.atProgress(fingerprint);
      add(EventType.PROGRESS, ProgressView.of(progress, head.maxSteps()), text);
    }
  }

  /** The same in every JVM, as a stream may be resumed at another; an enum's hash code is not. */
  static int fingerprint(TaskProgress progress) {
    return Objects.hash(
        progress.phase().wire(), progress.steps(), progress.metrics(), progress.lastEventAt());
  }

  /** Whether the task has ended and all has been sent that is stored of it. */
  boolean isCaughtUp(Head head) {
    return head.status().isTerminal() && !wantsLogs(head) && !wantsSteps(head);
  }

  /**
   * Whether everything before the result has been sent, or waited for.
   *
   * @param settled from {@link GatherNews#settled}
   */
  boolean hasAllBefore(Head settled) {
    boolean readsParts = types.contains(EventType.LOG) || types.contains(EventType.STEP);
    return isCaughtUp(settled) && (!readsParts || settled.isWhole() || isGapOld());
  }

  void end(Head head, @Nullable TaskResult result, EventText text) {
    if (result != null && !isBehindStatus()) {
      position = position.atStage(Position.RESULT);
      add(EventType.RESULT, result, text);
    }
    position = position.atStage(Position.END);
    text.add("end", position, mapper.writeValueAsString(new EndNews(taskId, head.status())));
  }

  private boolean isBehindStatus() {
    return position.stage().equals(Position.RESULT) || position.isEnd();
  }

  /** Lines are stored in order but for accidents, so a missing one is waited for, not for ever. */
  private boolean isGapOld() {
    long now = System.nanoTime();
    if (gapSince == 0) {
      gapSince = now == 0 ? 1 : now;
    }
    return now - gapSince >= patience;
  }

  private void add(EventType type, Object news, EventText text) {
    if (types.contains(type)) {
      text.add(type.wire(), position, mapper.writeValueAsString(news));
    }
  }

  private static StatusNews news(Head head) {
    return new StatusNews(
        head.taskId(),
        head.status(),
        head.workerId(),
        head.failureCode(),
        head.errorDetails(),
        head.updatedAt());
  }
}
