package io.aiopslab.tasks.worker.report;

import io.aiopslab.tasks.broker.Outgoing;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.message.RunEvent;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32;

/**
 * One record of a spool file: length and CRC-32 of what follows, then the kind (which makes the
 * route), the task, the message id and the body.
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record SpooledEvent(String kind, UUID taskId, String messageId, byte[] body) {
  static final int HEADER_BYTES = 8;
  private static final int LONGEST_BYTES = 256 * 1024 * 1024;

  static SpooledEvent of(RunEvent event) {
    return new SpooledEvent(
        event.body().kind(), event.taskId(), event.messageId(), event.toBytes());
  }

  boolean isLast() {
    return kind.equals("finished");
  }

  Outgoing toMessage() {
    return new Outgoing(Topology.taskEvents(kind, taskId), messageId, body);
  }

  ByteBuffer toRecord() {
    byte[] payload = payload();
    return ByteBuffer.allocate(HEADER_BYTES + payload.length)
        .putInt(payload.length)
        .putInt(checksum(payload))
        .put(payload)
        .flip();
  }

  /** Length of the payload that a header announces; nothing if no header looks like that. */
  static Optional<Integer> payloadLength(ByteBuffer header) {
    int length = header.getInt(0);
    return length <= 0 || length > LONGEST_BYTES ? Optional.empty() : Optional.of(length);
  }

  /** Nothing if the payload is not what was written. */
  static Optional<SpooledEvent> read(ByteBuffer header, byte[] payload) {
    if (header.getInt(4) != checksum(payload)) {
      return Optional.empty();
    }
    ByteBuffer in = ByteBuffer.wrap(payload);
    UUID taskId = new UUID(in.getLong(), in.getLong());
    String kind = text(in);
    String messageId = text(in);
    byte[] body = new byte[in.remaining()];
    in.get(body);
    return Optional.of(new SpooledEvent(kind, taskId, messageId, body));
  }

  private byte[] payload() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(body.length + 128);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeLong(taskId.getMostSignificantBits());
      out.writeLong(taskId.getLeastSignificantBits());
      out.writeUTF(kind);
      out.writeUTF(messageId);
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
