package io.aiopslab.tasks.worker.report;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.aiopslab.tasks.store.StoredRuns;
import io.aiopslab.tasks.task.TraceParent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The events of one run, in order, with how far the broker has confirmed them. One thread appends,
 * another reads and confirms.
 *
 * <p>It survives the end of the process, however it ends. A power cut takes what was appended after
 * the last {@link #force}, which is as much as what a run says in a fifth of a second; the last
 * event of a run is never among it.
 *
 * <p>It is there, empty and called {@code <session>.prepared}, before its task is claimed, and
 * until the database has what is in it. So a process that starts knows from the names alone which
 * runs the one before it may have left without an end.
 */
final class SpoolFile implements AutoCloseable {
  static final String PREPARED = ".prepared";
  static final String EVENTS = ".events";

  private final UUID session;
  private volatile FileChannel channel;
  private Path path;
  private long written;
  private long lastStart;
  private long confirmed;
  private boolean lastIsLog;
  private boolean complete;
  private boolean whole = true;
  private @Nullable UUID task;
  private @Nullable TraceParent trace;
  private long lastSeq;
  private int steps;
  private int events;
  private int arrived;
  private int sendings = 1;
  private volatile boolean dirty = true;
  private volatile boolean listed;

  SpoolFile(Path path, UUID session, FileChannel channel) {
    this.path = path;
    this.session = session;
    this.channel = channel;
  }

  /** A new file for a run that may start. */
  static SpoolFile prepare(Path directory, UUID session) throws IOException {
    Path path = directory.resolve(session + PREPARED);
    return new SpoolFile(path, session, FileChannel.open(path, CREATE_NEW, READ, WRITE));
  }

  /** A file that an earlier process left, cut off behind its last whole event. */
  static SpoolFile leftBehind(Path path, UUID session) throws IOException {
    FileChannel channel = FileChannel.open(path, READ, WRITE, NOFOLLOW_LINKS);
    try {
      SpoolFile file = new SpoolFile(path, session, channel);
      SpoolSalvage.cutOffWhatIsNotWhole(path, channel, file::count);
      return file;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * @param end where the next record begins
   */
  record Read(SpooledEvent event, long end) {}

  /** All or nothing: what could be written in part only is cut off again. */
  synchronized void append(SpooledEvent event) throws IOException {
    if (written == 0 && path.toString().endsWith(PREPARED)) {
      path = Files.move(path, path.resolveSibling(session + EVENTS), ATOMIC_MOVE);
      listed = false;
    }
    ByteBuffer record = event.toRecord();
    long at = written;
    try {
      while (record.hasRemaining()) {
        at += channel.write(record, at);
      }
    } catch (IOException e) {
      channel.truncate(written);
      throw e;
    }
    dirty = true;
    count(event, at);
  }

  private void count(SpooledEvent event, long end) {
    task = event.taskId();
    lastSeq = event.seq();
    trace = event.trace();
    events++;
    whole &= written > 0 || lastSeq == 0;
    steps += event.kind().equals("step") ? 1 : 0;
    lastStart = written;
    written = end;
    lastIsLog = event.kind().equals("logs");
    complete |= event.isLast();
  }

  /** When this returns, a power cut takes nothing that was appended before. */
  void force() throws IOException {
    if (!dirty) {
      return;
    }
    dirty = false;
    try {
      channel.force(false);
      if (!listed) {
        SpoolDirectory.forceNameOf(path());
        listed = true;
      }
    } catch (IOException e) {
      dirty = true;
      throw e;
    }
  }

  boolean isForced() {
    return !dirty && listed;
  }

  /** The record at a position, which is where another one ended. */
  synchronized Optional<Read> read(long position) throws IOException {
    return position >= written
        ? Optional.empty()
        : SpooledEvent.readFrom(channel, position, written);
  }

  /**
   * One more event has arrived.
   *
   * @param end of its record
   */
  synchronized void confirm(long end) {
    confirmed = end;
    arrived++;
  }

  /** How many events the broker does not have. */
  synchronized int unsent() {
    return events - arrived;
  }

  /**
   * Gives the space of a run back that goes on, if the broker has all that it has said. The last
   * record stays: a later process can tell from it where the run was.
   *
   * @return whether there was anything to give back
   */
  synchronized boolean giveBackWhatArrived() throws IOException {
    if (confirmed < written || complete || !lastIsLog || lastStart == 0) {
      return false;
    }
    ByteBuffer last = ByteBuffer.allocate((int) (written - lastStart));
    if (!SpooledEvent.fill(channel, last, lastStart)) {
      return false;
    }
    channel.truncate(0);
    last.flip();
    long at = 0;
    while (last.hasRemaining()) {
      at += channel.write(last, at);
    }
    written = at;
    confirmed = at;
    events = 1;
    arrived = 1;
    lastStart = 0;
    whole = false;
    return true;
  }

  /** Holds no file handle until it is sent again. */
  synchronized void rest() throws IOException {
    if (channel.isOpen()) {
      force();
      channel.close();
    }
  }

  /**
   * All of it is to be sent once more.
   *
   * @throws IOException if the file is gone
   */
  synchronized void rewind() throws IOException {
    if (!channel.isOpen()) {
      channel = FileChannel.open(path, READ, WRITE, NOFOLLOW_LINKS);
    }
    confirmed = 0;
    arrived = 0;
    sendings++;
  }

  /** How often all of it was given to the broker, this time included. */
  synchronized int sendings() {
    return sendings;
  }

  /**
   * What the database must have before this file can go; nothing if the run never said anything.
   */
  synchronized Optional<StoredRuns.Report> report() {
    return Optional.ofNullable(task)
        .map(id -> new StoredRuns.Report(id, session, lastSeq, whole ? steps : null));
  }

  /** The run has no end in here, and will get none: it is forgotten with its last event. */
  synchronized void giveUp() {
    complete = true;
  }

  synchronized boolean isComplete() {
    return complete;
  }

  synchronized long confirmed() {
    return confirmed;
  }

  synchronized long size() {
    return written;
  }

  synchronized boolean isDrained() {
    return confirmed == written;
  }

  /** Nothing more will be written, and all of it has arrived. */
  synchronized boolean isDone() {
    return complete && isDrained();
  }

  synchronized void delete() throws IOException {
    channel.close();
    Files.deleteIfExists(path);
  }

  /**
   * Leaves it for a person to look at.
   *
   * @return where it is
   */
  synchronized Path setAside() throws IOException {
    channel.close();
    return Files.move(path, SpoolDirectory.free(path), ATOMIC_MOVE);
  }

  synchronized void trace(@Nullable TraceParent trace) {
    this.trace = trace;
  }

  /** What the run's next event continues; an earlier process has left it in its last one. */
  synchronized @Nullable TraceParent trace() {
    return trace;
  }

  UUID session() {
    return session;
  }

  synchronized Path path() {
    return path;
  }

  @Override
  public synchronized void close() throws IOException {
    channel.close();
  }
}
