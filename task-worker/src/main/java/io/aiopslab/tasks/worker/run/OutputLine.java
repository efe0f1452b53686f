package io.aiopslab.tasks.worker.run;

import java.nio.charset.StandardCharsets;

/**
 * A line as it came, or its beginning.
 *
 * @param omitted how many bytes of it were not kept
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record OutputLine(byte[] bytes, long omitted) {

  /** The line as a message of the protocol would be. */
  String text() {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  boolean looksLikeMessage() {
    return bytes.length > 0 && bytes[0] == '{';
  }

  /** The line as a log keeps it: of bounded length, readable whatever it was, without U+0000. */
  String forLog(int mostBytes) {
    int kept = Math.min(bytes.length, mostBytes);
    if (kept < bytes.length || omitted > 0) {
      kept = wholeCharacters(kept);
    }
    String text = new String(bytes, 0, kept, StandardCharsets.UTF_8).replace('\0', '\uFFFD');
    long missing = bytes.length - kept + omitted;
    return missing == 0 ? text : text + " [" + missing + " more bytes were left out]";
  }

  /** The most bytes up to an end that do not cut a character. */
  private int wholeCharacters(int end) {
    int start = end;
    while (start > 0 && end - start < 3 && (bytes[start - 1] & 0xC0) == 0x80) {
      start--;
    }
    if (start == 0 || (bytes[start - 1] & 0xC0) != 0xC0) {
      return end;
    }
    int lead = bytes[start - 1] & 0xFF;
    int needed = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    return end - (start - 1) < needed ? start - 1 : end;
  }
}
