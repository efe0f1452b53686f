package io.aiopslab.tasks.worker.report;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the whole events at the beginning of a file that a dead process left. An event that was
 * being written as the process died is cut off: it never counted as kept. Anything else that is no
 * event was damaged later: it is cut off as well, and kept beside the file as {@code *.corrupt}.
 */
final class SpoolSalvage {
  private static final Logger log = LoggerFactory.getLogger(SpoolSalvage.class);

  private SpoolSalvage() {}

  /** Takes each whole event, with the position of its end. */
  interface Whole {
    void take(SpooledEvent event, long end);
  }

  /**
   * @throws IOException if the file begins with something else than an event, or cannot be read
   */
  static void cutOffWhatIsNotWhole(Path path, FileChannel channel, Whole whole) throws IOException {
    long size = channel.size();
    long end = 0;
    Optional<SpoolFile.Read> next = SpooledEvent.readFrom(channel, 0, size);
    while (next.isPresent()) {
      end = next.get().end();
      whole.take(next.get().event(), end);
      next = SpooledEvent.readFrom(channel, end, size);
    }
    if (end == size) {
      return;
    }
    if (end == 0) {
      throw new IOException("it does not begin with an event");
    }
    if (!SpooledEvent.mayBeTorn(channel, end, size)) {
      keep(path, channel, end, size);
    }
    log.warn(
        "{}: the last {} bytes are no whole event and are not sent",
        path.getFileName(),
        size - end);
    channel.truncate(end);
  }

  private static void keep(Path path, FileChannel channel, long from, long to) throws IOException {
    Path target = SpoolDirectory.free(path);
    try (FileChannel out = FileChannel.open(target, CREATE_NEW, WRITE)) {
      for (long at = from; at < to; ) {
        at += channel.transferTo(at, to - at, out);
      }
    }
    log.error("{} was damaged; what cannot be read is kept as {}", path, target.getFileName());
  }
}
