package io.aiopslab.tasks.worker.report;

import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.message.RunEventBody;
import io.aiopslab.tasks.message.RunEventBody.Logged;
import io.aiopslab.tasks.task.LogLevel;
import java.time.Clock;
import java.time.Duration;
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

  /** What a run said last may wait so long for room; its result must not wait much longer. */
  private static final Duration LAST_LINES_WAIT = Duration.ofSeconds(2);

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

  /**
   * Reports anything but log lines; the lines before it go first, if there is room for them. Waits
   * while there is none for the event.
   */
  public synchronized void say(RunEventBody body) {
    untilThereIsRoom(
        () -> {
          send();
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

  /** Keeps a line, or counts it when the run has logged too much, or too much waits for room. */
  public synchronized void log(Logged.Line line, long lineBytes) {
    if (finished) {
      return;
    }
    if (loggedBytes + lineBytes > maxLogBytes) {
      flooded = flooded.plus(1, lineBytes);
      return;
    }
    if (batch.isFull()) {
      unspooled = unspooled.plus(1, lineBytes);
      return;
    }
    loggedBytes += lineBytes;
    if (batch.isEmpty()) {
      flushSoon.run();
    }
    batch.add(line, lineBytes);
    if (batch.isFull()) {
      send();
    }
  }

  /**
   * The last event.
   *
   * @param ending makes it from the number of lines that were logged
   */
  public synchronized void finish(LongFunction<RunEventBody.Finished> ending) {
    awaitRoomForTheLastLines();
    untilThereIsRoom(
        () -> {
          leaveOutWhatWaits();
          sayWhatWasLeftOut();
          append(
              ending.apply(nextLogSeq).afterTrajectoryEvents(trajectoryEvents), spool::appendLast);
        });
    finished = true;
    notifyAll();
  }

  private void awaitRoomForTheLastLines() {
    long end = System.nanoTime() + LAST_LINES_WAIT.toNanos();
    send();
    while (!batch.isEmpty() && System.nanoTime() < end) {
      try {
        wait(ROOM_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      send();
    }
  }

  /** Sends the lines that wait for more, and tries again soon if there is no room for them. */
  synchronized void flush() {
    send();
    if (!batch.isEmpty() && !finished) {
      flushSoon.run();
    }
  }

  /** Sends the lines that wait for more, if there is room for them. */
  private void send() {
    if (batch.isEmpty() || !spool.hasRoomForLogs()) {
      return;
    }
    try {
      append(batch.message(nextLogSeq), spool::append);
      nextLogSeq += batch.lines();
      batch.clear();
    } catch (SpoolFullException e) {
      log.debug("{} log lines of task {} wait for room", batch.lines(), taskId, e);
    }
  }

  private void leaveOutWhatWaits() {
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
