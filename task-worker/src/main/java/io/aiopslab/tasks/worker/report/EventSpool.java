package io.aiopslab.tasks.worker.report;

import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.annotation.PreDestroy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * A file-backed outbox: one file per run, which is deleted when the broker has all of it. What an
 * earlier process left is sent by this one.
 */
@Component
public class EventSpool {
  private static final Logger log = LoggerFactory.getLogger(EventSpool.class);
  private static final String SUFFIX = ".events";

  private final Path directory;
  private final long maxBytes;
  private final SpoolLock lock;
  private final Map<String, SpoolFile> files = new LinkedHashMap<>();
  private boolean fresh;

  EventSpool(WorkerSettings settings, MeterRegistry meters) throws IOException {
    this.directory = settings.spoolDirectory().toAbsolutePath();
    this.maxBytes = settings.spoolMaxSize().toBytes();
    this.lock = SpoolLock.take(directory);
    takeOver();
    meters.gauge("aiopslab.worker.spool.bytes", this, EventSpool::bytes);
  }

  private void takeOver() throws IOException {
    try (Stream<Path> found = Files.list(directory)) {
      for (Path path : found.filter(path -> path.toString().endsWith(SUFFIX)).sorted().toList()) {
        SpoolFile file = SpoolFile.leftBehind(path);
        log.info("Sending {} bytes of events that an earlier worker left in {}", file.size(), path);
        files.put(path.getFileName().toString(), file);
        fresh = true;
      }
    }
  }

  /** Opens the outbox of a run. */
  synchronized void open(UUID session) {
    String name = session + SUFFIX;
    try {
      files.put(name, SpoolFile.create(directory.resolve(name)));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write to the spool directory " + directory, e);
    }
  }

  /** Keeps an event until the broker has it; the sender starts on it at once. */
  void append(RunEvent event) {
    SpoolFile file = file(event.sessionId());
    try {
      file.append(SpooledEvent.of(event));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write to " + file.path(), e);
    }
    synchronized (this) {
      fresh = true;
      notifyAll();
    }
  }

  private synchronized SpoolFile file(UUID session) {
    SpoolFile file = files.get(session + SUFFIX);
    if (file == null) {
      throw new IllegalStateException("no outbox is open for session " + session);
    }
    return file;
  }

  /** Whether log lines may still be kept; other events always are. */
  boolean hasRoomForLogs() {
    return bytes() < maxBytes;
  }

  /** Bytes on disk. */
  synchronized long bytes() {
    return files.values().stream().mapToLong(SpoolFile::size).sum();
  }

  /** Waits until something was appended since the last time. */
  synchronized void awaitFresh() throws InterruptedException {
    while (!fresh) {
      wait();
    }
    fresh = false;
  }

  synchronized List<SpoolFile> files() {
    return new ArrayList<>(files.values());
  }

  synchronized void forget(SpoolFile done) throws IOException {
    files.values().remove(done);
    done.delete();
    notifyAll();
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
  synchronized void close() throws IOException {
    for (SpoolFile file : files.values()) {
      file.close();
    }
    lock.close();
  }
}
