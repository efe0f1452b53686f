package io.aiopslab.tasks.worker.report;

import io.aiopslab.tasks.broker.Outgoing;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.task.TraceParent;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * One record of a spool file: length and CRC-32 of what follows, then the kind (which makes the
 * route), the task, the message id, the trace where there is one, and the body.
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record SpooledEvent(
    String kind, UUID taskId, String messageId, byte[] body, @Nullable TraceParent trace) {
  static final int HEADER_BYTES = 8;
  private static final int LONGEST_BYTES = 256 * 1024 * 1024;
  private static final int PIECE_BYTES = 64 * 1024;

  static SpooledEvent of(RunEvent event, @Nullable TraceParent trace) {
    return new SpooledEvent(
        event.body().kind(), event.taskId(), event.messageId(), event.toBytes(), trace);
  }

  boolean isLast() {
    return kind.equals("finished");
  }

  /** Its place among the events of its run: the end of the message id. */
  long seq() {
    return Long.parseLong(messageId.substring(messageId.lastIndexOf(':') + 1));
  }

  Outgoing toMessage() {
    return new Outgoing(Topology.taskEvents(kind, taskId), messageId, body, trace);
  }

  ByteBuffer toRecord() {
    byte[] payload = payload();
    return ByteBuffer.allocate(HEADER_BYTES + payload.length)
        .putInt(payload.length)
        .putInt(checksum(payload))
        .put(payload)
        .flip();
  }

  /**
   * The record at a position of a file.
   *
   * @param end of what may be read
   * @return nothing if no whole record is there
   */
  static Optional<SpoolFile.Read> readFrom(FileChannel channel, long position, long end)
      throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    long start = position + HEADER_BYTES;
    if (start > end || !fill(channel, header, position)) {
      return Optional.empty();
    }
    int length = header.getInt(0);
    if (!isLength(length)
        || start + length > end
        || !isIntact(channel, start, length, header.getInt(4))) {
      return Optional.empty();
    }
    ByteBuffer payload = ByteBuffer.allocate(length);
    if (!fill(channel, payload, start)) {
      return Optional.empty();
    }
    return parse(payload.flip()).map(event -> new SpoolFile.Read(event, start + length));
  }

  /** Whether what is at a position can be the beginning of a record that was not written whole. */
  static boolean mayBeTorn(FileChannel channel, long position, long end) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    if (end - position < HEADER_BYTES || !fill(channel, header, position)) {
      return true;
    }
    int length = header.getInt(0);
    return isLength(length) && position + HEADER_BYTES + length > end;
  }

  /** Reads until the buffer is full; false if the file ends before. */
  static boolean fill(FileChannel channel, ByteBuffer buffer, long position) throws IOException {
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

  private static boolean isLength(int length) {
    return length > 0 && length <= LONGEST_BYTES;
  }

  /** Piece by piece: what only looks like the length of a record must not cost its memory. */
  private static boolean isIntact(FileChannel channel, long start, int length, int expected)
      throws IOException {
    CRC32 crc = new CRC32();
    ByteBuffer piece = ByteBuffer.allocate(Math.min(length, PIECE_BYTES));
    for (long at = 0; at < length; at += piece.limit()) {
      piece.clear().limit((int) Math.min(PIECE_BYTES, length - at));
      if (!fill(channel, piece, start + at)) {
        return false;
      }
      crc.update(piece.flip());
    }
    return (int) crc.getValue() == expected;
  }

  private static Optional<SpooledEvent> parse(ByteBuffer in) {
    try {
      UUID taskId = new UUID(in.getLong(), in.getLong());
      String kind = text(in);
      String messageId = text(in);
      TraceParent trace = hasTrace(in) ? TraceParent.parse(text(in)) : null;
      byte[] body = new byte[in.remaining()];
      in.get(body);
      return Optional.of(new SpooledEvent(kind, taskId, messageId, body, trace));
    } catch (BufferUnderflowException e) {
      return Optional.empty(); // a right checksum over something else
    }
  }

  /** A length comes first then, whose high byte is 0: no JSON begins with that. */
  private static boolean hasTrace(ByteBuffer in) {
    return in.hasRemaining() && in.get(in.position()) == 0;
  }

  private byte[] payload() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(body.length + 128);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeLong(taskId.getMostSignificantBits());
      out.writeLong(taskId.getLeastSignificantBits());
      out.writeUTF(kind);
      out.writeUTF(messageId);
      if (trace != null) {
        out.writeUTF(trace.header());
      }
      out.write(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static String text(ByteBuffer in) {
    byte[] bytes = new byte[Short.toUnsignedInt(in.getShort())];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static int checksum(byte[] payload) {
    CRC32 crc = new CRC32();
    crc.update(payload);
    return (int) crc.getValue();
  }
}
