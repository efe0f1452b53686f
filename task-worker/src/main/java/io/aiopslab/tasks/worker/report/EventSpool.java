package io.aiopslab.tasks.worker.report;

import io.aiopslab.tasks.loop.Threads;
import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.task.TraceParent;
import io.aiopslab.tasks.worker.lock.ProcessLock;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.annotation.PreDestroy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * A file-backed outbox: one file per run, which is deleted when the broker has all of it and then
 * the database too ({@link ReleaseStored}). What an earlier process left is sent by this one.
 *
 * <p>An event counts as kept when the broker has confirmed it or the disk has (fsync): the last
 * event of a run before {@link #appendLast} returns, all others within a fifth of a second.
 *
 * <p>What is given up when there is no room, because {@code spool-max-size} is reached or the disk
 * is full: first copies of what the broker has confirmed, oldest first; then log lines, which are
 * counted. Everything else waits until there is room and slows its run down meanwhile; for the
 * first and the last event of a run, room is held in reserve.
 */
@Component
public class EventSpool {
  private static final Logger log = LoggerFactory.getLogger(EventSpool.class);
  private static final Duration FORCE_INTERVAL = Duration.ofMillis(200);
  private static final long SPARE_BYTES = 256 * 1024;

  private final Path directory;
  private final long maxBytes;
  private final ProcessLock lock;
  private final SpoolReserve reserve;
  private final Map<UUID, SpoolFile> files = new LinkedHashMap<>();
  private final KeptRuns kept;
  private final List<SpoolFile> leftBehind;
  private final ScheduledExecutorService forcing;
  private @Nullable String trouble;
  private boolean fresh;
  private boolean closed;

  EventSpool(WorkerSettings settings, MeterRegistry meters) throws IOException {
    this.directory = settings.spoolDirectory().toAbsolutePath();
    this.maxBytes = settings.spoolMaxSize().toBytes();
    this.lock = SpoolLock.take(directory);
    this.reserve =
        new SpoolReserve(
            directory,
            settings.clusters().size() * (settings.maxProtocolLine().toBytes() + SPARE_BYTES));
    SpoolDirectory.Found found = SpoolDirectory.takeOver(directory);
    this.leftBehind = found.files();
    for (SpoolFile file : leftBehind) {
      files.put(file.session(), file);
      fresh = true;
    }
    this.kept = new KeptRuns(meters);
    measure(meters, found.setAside());
    this.forcing = Threads.timer("spool-force");
    long millis = FORCE_INTERVAL.toMillis();
    var unused =
        forcing.scheduleWithFixedDelay(this::forceAll, millis, millis, TimeUnit.MILLISECONDS);
  }

  private void measure(MeterRegistry meters, int setAside) {
    meters.counter("aiopslab.worker.spool.corrupt").increment(setAside);
    meters.gauge("aiopslab.worker.spool.events", this, EventSpool::unsent);
    meters.gauge("aiopslab.worker.spool.bytes", this, EventSpool::bytes);
    meters.gauge("aiopslab.worker.spool.limit.bytes", this, spool -> spool.maxBytes);
    meters.gauge("aiopslab.worker.spool.full", this, spool -> spool.trouble() == null ? 0 : 1);
  }

  /**
   * Makes an outbox, before the task is claimed, or sees to it that the one that was made can be
   * used.
   *
   * @throws SpoolFullException if there is no room for what a run has to say
   */
  public void prepare(UUID session) {
    try {
      fillReserve();
      synchronized (this) {
        if (!files.containsKey(session)) {
          files.put(session, SpoolFile.prepare(directory, session));
        }
      }
      recovered();
    } catch (IOException e) {
      throw troubled(e);
    }
  }

  /** What all events of a run continue from now on. */
  void trace(UUID session, @Nullable TraceParent trace) {
    file(session).trace(trace);
  }

  /**
   * Keeps an event until the broker has it; the sender starts on it at once.
   *
   * @throws SpoolFullException if there is no room; nothing of the event is kept then
   */
  void append(RunEvent event) {
    SpoolFile file = file(event.sessionId());
    try {
      append(file, SpooledEvent.of(event, file.trace()));
      announce();
    } catch (IOException e) {
      throw troubled(e);
    }
  }

  /** The same for an event that may take what is held in reserve. */
  void appendFirst(RunEvent event) {
    SpoolFile file = file(event.sessionId());
    SpooledEvent spooled = SpooledEvent.of(event, file.trace());
    try {
      appendSomehow(file, spooled);
      announce();
    } catch (IOException e) {
      throw troubled(e);
    }
  }

  /** The same; when it returns, a power cut does not take the event. */
  void appendLast(RunEvent event) {
    SpoolFile file = file(event.sessionId());
    appendFirst(event);
    force(file);
  }

  private void append(SpoolFile file, SpooledEvent event) throws IOException {
    while (true) {
      try {
        file.append(event);
        return;
      } catch (IOException e) {
        if (!makeRoom()) {
          throw e;
        }
      }
    }
  }

  private void fillReserve() throws IOException {
    while (true) {
      try {
        reserve.fill();
        return;
      } catch (IOException e) {
        if (!makeRoom()) {
          throw e;
        }
      }
    }
  }

  /**
   * Gives up copies of what the broker has: of the oldest run that has ended, or else of one that
   * goes on.
   *
   * @return whether there were any
   */
  private boolean makeRoom() {
    if (kept.giveUpOldest()) {
      return true;
    }
    for (SpoolFile file : files()) {
      try {
        if (file.giveBackWhatArrived()) {
          kept.countGivenUp();
          return true;
        }
      } catch (IOException e) {
        log.debug("{} cannot be made shorter", file.path(), e);
      }
    }
    return false;
  }

  private void appendSomehow(SpoolFile file, SpooledEvent event) throws IOException {
    try {
      append(file, event);
    } catch (IOException e) {
      troubled(e);
      reserve.give(event.body().length);
      file.append(event);
    }
  }

  /** Wakes the sender. */
  synchronized void announce() {
    fresh = true;
    notifyAll();
  }

  private synchronized SpoolFile file(UUID session) {
    SpoolFile file = files.get(session);
    if (file == null || closed) {
      throw new IllegalStateException("no outbox is open for session " + session);
    }
    return file;
  }

  /** Nothing that it throws may end the schedule. */
  private void forceAll() {
    try {
      files().forEach(this::force);
      if (trouble() != null) {
        fillReserve();
        recovered();
      }
    } catch (IOException e) {
      log.debug("The spool directory is still full", e);
    } catch (RuntimeException | Error e) {
      log.error("The spool could not be forced to disk; trying again", e);
    }
  }

  private void force(SpoolFile file) {
    try {
      file.force();
    } catch (java.nio.channels.ClosedChannelException e) {
      log.debug("The broker has all of {}", file.path(), e);
    } catch (IOException e) {
      troubled(e);
    }
  }

  private synchronized SpoolFullException troubled(IOException e) {
    String sentence =
        "the spool directory %s takes no more events (%s): free space on its disk, or set aiopslab.worker.spool-directory to another; until then no task is claimed, log lines are left out, and results wait"
            .formatted(directory, e.getMessage());
    if (trouble == null && !closed) {
      log.error("From now on {}", sentence);
    }
    trouble = sentence;
    reserve.doubt();
    return new SpoolFullException(sentence, e);
  }

  private synchronized void recovered() {
    if (trouble != null) {
      trouble = null;
      log.info("The spool directory {} takes events again", directory);
    }
  }

  /** Why no event can be kept, and what to do; null while they can. */
  synchronized @Nullable String trouble() {
    return trouble;
  }

  /** Whether log lines may still be kept; other events always are. */
  boolean hasRoomForLogs() {
    boolean room = bytes() < maxBytes;
    while (!room && makeRoom()) {
      room = bytes() < maxBytes;
    }
    return room && trouble() == null;
  }

  /** Bytes on disk, without the reserve. */
  synchronized long bytes() {
    return files.values().stream().mapToLong(SpoolFile::size).sum() + kept.bytes();
  }

  /** Events that the broker does not have. */
  synchronized int unsent() {
    return files.values().stream().mapToInt(SpoolFile::unsent).sum();
  }

  /** Runs that have ended and of which the broker has everything. */
  KeptRuns kept() {
    return kept;
  }

  /** Waits until something was appended since the last time, or the time is over. */
  synchronized void awaitFresh(Duration most) throws InterruptedException {
    long end = System.nanoTime() + most.toNanos();
    long millis = most.toMillis();
    while (!fresh && millis > 0) {
      wait(millis);
      millis = Duration.ofNanos(end - System.nanoTime()).toMillis();
    }
    fresh = false;
  }

  synchronized List<SpoolFile> files() {
    return new ArrayList<>(files.values());
  }

  /** Runs of an earlier process that have said no last word. */
  synchronized List<SpoolFile> abandoned() {
    return leftBehind.stream().filter(file -> !file.isComplete()).toList();
  }

  /** Sessions that an earlier process has left something of. */
  public synchronized List<UUID> sessionsLeftBehind() {
    return leftBehind.stream().map(SpoolFile::session).toList();
  }

  /** Takes an outbox away of which nothing will be sent. */
  public void discard(UUID session) {
    try {
      forget(file(session));
    } catch (IOException e) {
      log.warn("An empty spool file of session {} stays behind: {}", session, e.toString());
    }
  }

  synchronized void forget(SpoolFile done) throws IOException {
    files.remove(done.session());
    done.delete();
    notifyAll();
  }

  /** The broker has all of it; what is in it goes when the database has it too. */
  synchronized void keep(SpoolFile done) throws IOException {
    if (done.report().isEmpty()) {
      forget(done);
      return;
    }
    files.remove(done.session());
    kept.add(done);
    notifyAll();
  }

  /**
   * Sends all of a run once more.
   *
   * @throws IOException if its file is gone
   */
  synchronized void sendAgain(KeptRun run) throws IOException {
    if (!kept.take(run)) {
      return; // given up meanwhile
    }
    run.file().rewind();
    files.put(run.file().session(), run.file());
    announce();
  }

  synchronized void progressed() {
    notifyAll();
  }

  /**
   * @return whether everything arrived at the broker in time
   */
  synchronized boolean awaitDrained(Duration timeout) throws InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    while (!files.values().stream().allMatch(SpoolFile::isDrained)) {
      long millis = Duration.ofNanos(end - System.nanoTime()).toMillis();
      if (millis <= 0) {
        return false;
      }
      wait(millis);
    }
    return true;
  }

  @PreDestroy
  void close() throws IOException {
    forcing.shutdown();
    files().forEach(this::force);
    synchronized (this) {
      closed = true;
      for (SpoolFile file : files.values()) {
        file.close();
      }
      kept.close();
      lock.close();
    }
  }
}
