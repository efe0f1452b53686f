package io.aiopslab.tasks.worker.report;

import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.message.RunEventBody;
import io.aiopslab.tasks.message.RunEventBody.Logged;
import io.aiopslab.tasks.task.LogLevel;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one run has to say: events with seqs from 0 without gaps, in the order in which they
 * happened, and log lines likewise. Once it is finished it takes nothing more.
 */
public final class RunReport {
  private static final Logger log = LoggerFactory.getLogger(RunReport.class);
  private static final long ROOM_MILLIS = 200;

  private final UUID taskId;
  private final UUID sessionId;
  private final String workerId;
  private final EventSpool spool;
  private final Clock clock;
  private final long maxLogBytes;
  private final Runnable flushSoon;

  private final LogBatch batch = new LogBatch();
  private LeftOut flooded = LeftOut.NOTHING;
  private LeftOut unspooled = LeftOut.NOTHING;
  private long loggedBytes;
  private long nextSeq;
  private long nextLogSeq;
  private int trajectoryEvents;
  private boolean finished;

  RunReport(
      UUID taskId,
      UUID sessionId,
      String workerId,
      EventSpool spool,
      Clock clock,
      long maxLogBytes,
      Function<RunReport, Runnable> flushSoon) {
    this.taskId = taskId;
    this.sessionId = sessionId;
    this.workerId = workerId;
    this.spool = spool;
    this.clock = clock;
    this.maxLogBytes = maxLogBytes;
    this.flushSoon = flushSoon.apply(this);
  }

  /** The first event. */
  public synchronized void start() {
    untilThereIsRoom(() -> append(new RunEventBody.Started(), spool::appendFirst));
  }

  /** Reports anything but log lines; the lines before it go first. Waits while there is no room. */
  public synchronized void say(RunEventBody body) {
    untilThereIsRoom(
        () -> {
          flush();
          append(body, spool::append);
        });
  }

  private void untilThereIsRoom(Runnable attempt) {
    while (!finished) {
      try {
        attempt.run();
        return;
      } catch (SpoolFullException e) {
        try {
          wait(ROOM_MILLIS);
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
          throw e;
        }
      }
    }
  }

  /** Keeps a line, or counts it when the run has logged too much. */
  public synchronized void log(Logged.Line line, long lineBytes) {
    if (finished) {
      return;
    }
    if (loggedBytes + lineBytes > maxLogBytes) {
      flooded = flooded.plus(1, lineBytes);
      return;
    }
    loggedBytes += lineBytes;
    if (batch.isEmpty()) {
      flushSoon.run();
    }
    batch.add(line, lineBytes);
    if (batch.isFull()) {
      flush();
    }
  }

  /**
   * The last event.
   *
   * @param ending makes it from the number of lines that were logged
   */
  public synchronized void finish(LongFunction<RunEventBody.Finished> ending) {
    untilThereIsRoom(
        () -> {
          flush();
          sayWhatWasLeftOut();
          append(
              ending.apply(nextLogSeq).afterTrajectoryEvents(trajectoryEvents), spool::appendLast);
        });
    finished = true;
    notifyAll();
  }

  /** Sends the lines that wait for more. */
  synchronized void flush() {
    if (batch.isEmpty()) {
      return;
    }
    if (!spool.hasRoomForLogs()) {
      leaveOutBatch();
      return;
    }
    int lines = batch.lines();
    long bytes = batch.bytes();
    try {
      append(batch.drain(nextLogSeq), spool::append);
      nextLogSeq += lines;
    } catch (SpoolFullException e) {
      log.debug("{} log lines of task {} are left out", lines, taskId, e);
      unspooled = unspooled.plus(lines, bytes);
    }
  }

  private void leaveOutBatch() {
    unspooled = unspooled.plus(batch.lines(), batch.bytes());
    batch.clear();
  }

  private void sayWhatWasLeftOut() {
    if (!flooded.isNothing()) {
      warn(flooded.sentence("a run may log " + maxLogBytes + " bytes"));
      flooded = LeftOut.NOTHING;
    }
    if (!unspooled.isNothing()) {
      warn(unspooled.sentence("the worker's spool was full"));
      unspooled = LeftOut.NOTHING;
    }
  }

  private void warn(String sentence) {
    Logged.Line line = new Logged.Line(clock.instant(), LogLevel.WARNING, sentence, null);
    append(new Logged(nextLogSeq, List.of(line)), spool::appendFirst);
    nextLogSeq++;
  }

  private void append(RunEventBody body, Consumer<RunEvent> outbox) {
    outbox.accept(
        new RunEvent(
            RunEvent.VERSION, taskId, sessionId, workerId, nextSeq, clock.instant(), body));
    nextSeq++;
    if (body.belongsToTrajectory()) {
      trajectoryEvents++;
    }
  }
}
