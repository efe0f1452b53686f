package io.aiopslab.tasks.worker.report;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events of one run that the broker has not confirmed yet, in order. One thread appends,
 * another reads and confirms. Survives the end of the process, however it ends; not synced, so a
 * power cut of the host may take the last seconds with it.
 */
final class SpoolFile implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SpoolFile.class);
  private static final long WORTH_TRUNCATING_BYTES = 1024 * 1024;

  private final Path path;
  private final FileChannel channel;
  private long written;
  private long confirmed;
  private boolean complete;

  private SpoolFile(Path path, FileChannel channel, long written, boolean complete) {
    this.path = path;
    this.channel = channel;
    this.written = written;
    this.complete = complete;
  }

  /** A new file for a run that starts. */
  static SpoolFile create(Path path) throws IOException {
    return new SpoolFile(path, FileChannel.open(path, CREATE, READ, WRITE), 0, false);
  }

  /** A file that an earlier process left; a record that it did not write whole is cut off. */
  static SpoolFile leftBehind(Path path) throws IOException {
    FileChannel channel = FileChannel.open(path, READ, WRITE);
    SpoolFile file = new SpoolFile(path, channel, channel.size(), true);
    long whole = 0;
    for (var next = file.read(0); next.isPresent(); next = file.read(whole)) {
      whole = next.get().end();
    }
    if (whole < channel.size()) {
      log.warn(
          "{}: the last {} bytes are no whole event, because the worker was ended while it wrote"
              + " them; they are skipped",
          path.getFileName(),
          channel.size() - whole);
      channel.truncate(whole);
    }
    file.written = whole;
    return file;
  }

  /**
   * @param end where the next record begins
   */
  record Read(SpooledEvent event, long end) {}

  /** All or nothing: what could be written in part only is cut off again. */
  synchronized void append(SpooledEvent event) throws IOException {
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
    written = at;
    complete |= event.isLast();
  }

  /** The record at a position, which is where another one ended. */
  synchronized Optional<Read> read(long position) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(SpooledEvent.HEADER_BYTES);
    long start = position + SpooledEvent.HEADER_BYTES;
    if (start > written || !fill(header, position)) {
      return Optional.empty();
    }
    Optional<Integer> length = SpooledEvent.payloadLength(header);
    if (length.isEmpty() || start + length.get() > written) {
      return Optional.empty();
    }
    ByteBuffer payload = ByteBuffer.allocate(length.get());
    if (!fill(payload, start)) {
      return Optional.empty();
    }
    return SpooledEvent.read(header, payload.array())
        .map(event -> new Read(event, start + length.get()));
  }

  private boolean fill(ByteBuffer buffer, long position) throws IOException {
    long at = position;
    while (buffer.hasRemaining()) {
      int count = channel.read(buffer, at);
      if (count < 0) {
        return false;
      }
      at += count;
    }
    return true;
  }

  /** Everything before a position has arrived. Gives the space of a long run back early. */
  synchronized void confirm(long position) throws IOException {
    confirmed = position;
    if (confirmed == written && !complete && written >= WORTH_TRUNCATING_BYTES) {
      channel.truncate(0);
      confirmed = 0;
      written = 0;
    }
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

  Path path() {
    return path;
  }

  @Override
  public synchronized void close() throws IOException {
    channel.close();
  }
}
