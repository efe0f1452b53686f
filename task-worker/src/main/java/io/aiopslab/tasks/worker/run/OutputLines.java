package io.aiopslab.tasks.worker.run;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Splits a process's output into lines without ever holding more of one than it may: what is too
 * much of a line is read, counted and forgotten. A consumer that is slow slows the process down.
 */
final class OutputLines {
  private static final int PIECE_BYTES = 64 * 1024;

  private final int mostBytes;
  private final int mostProtocolBytes;
  private ByteArrayOutputStream line = new ByteArrayOutputStream();
  private long omitted;
  private boolean isMessage;

  /**
   * @param mostBytes of a line
   * @param mostProtocolBytes of a line that begins with a brace
   */
  OutputLines(int mostBytes, int mostProtocolBytes) {
    this.mostBytes = mostBytes;
    this.mostProtocolBytes = mostProtocolBytes;
  }

  /** Hands over each line, until the output ends. */
  void read(InputStream output, Consumer<OutputLine> consumer) throws IOException {
    byte[] piece = new byte[PIECE_BYTES];
    for (int count = output.read(piece); count >= 0; count = output.read(piece)) {
      int start = 0;
      for (int i = 0; i < count; i++) {
        if (piece[i] == '\n') {
          add(piece, start, i - start);
          emit(consumer);
          start = i + 1;
        }
      }
      add(piece, start, count - start);
    }
    if (line.size() > 0) {
      emit(consumer);
    }
  }

  private void add(byte[] piece, int start, int length) {
    if (length == 0) {
      return;
    }
    if (line.size() == 0) {
      isMessage = piece[start] == '{';
    }
    int room = (isMessage ? mostProtocolBytes : mostBytes) - line.size();
    int kept = Math.min(room, length);
    line.write(piece, start, kept);
    omitted += length - kept;
  }

  private void emit(Consumer<OutputLine> consumer) {
    byte[] bytes = line.toByteArray();
    int length = bytes.length;
    if (omitted == 0 && length > 0 && bytes[length - 1] == '\r') {
      length--;
    }
    consumer.accept(new OutputLine(Arrays.copyOf(bytes, length), omitted));
    omitted = 0;
    if (length > mostBytes) {
      line = new ByteArrayOutputStream(); // gives the large buffer back
    } else {
      line.reset();
    }
  }
}
