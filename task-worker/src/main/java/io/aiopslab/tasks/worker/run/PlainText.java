package io.aiopslab.tasks.worker.run;

/** What a line that was printed for a terminal says, without what it does to the terminal. */
final class PlainText {
  private static final char ESCAPE = '\u001B';
  private static final char BELL = '\u0007';

  private final String line;
  private final StringBuilder plain;
  private int at;

  private PlainText(String line) {
    this.line = line;
    this.plain = new StringBuilder(line.length());
  }

  /** Without escape sequences (ECMA-48: colours, cursor, titles). */
  static String of(String line) {
    return line.indexOf(ESCAPE) < 0 ? line : new PlainText(line).stripped();
  }

  /** What is left of a line that was written over: what follows the last carriage return. */
  static String lastOverwrite(String line) {
    int end = line.length();
    while (end > 0 && line.charAt(end - 1) == '\r') {
      end--;
    }
    return line.substring(end == 0 ? 0 : line.lastIndexOf('\r', end - 1) + 1, end);
  }

  private String stripped() {
    while (at < line.length()) {
      char c = line.charAt(at++);
      if (c == ESCAPE) {
        skipSequence();
      } else {
        plain.append(c);
      }
    }
    return plain.toString();
  }

  /** After the escape: what kind of sequence it is, up to its end or the end of the line. */
  private void skipSequence() {
    if (at == line.length()) {
      return;
    }
    char kind = line.charAt(at);
    if (kind == '[') {
      at++;
      skipWhile(' ', '?');
      skipOne('@', '~');
    } else if (kind == ']' || kind == 'P' || kind == 'X' || kind == '^' || kind == '_') {
      at++;
      skipText();
    } else {
      skipWhile(' ', '/');
      skipOne('0', '~');
    }
  }

  /** A title or the like, which ends with a bell or an escape; one without an end is kept. */
  private void skipText() {
    for (int end = at; end < line.length(); end++) {
      char c = line.charAt(end);
      if (c == BELL || c == ESCAPE) {
        at = c == BELL ? end + 1 : end;
        return;
      }
    }
  }

  private void skipWhile(char from, char to) {
    while (at < line.length() && line.charAt(at) >= from && line.charAt(at) <= to) {
      at++;
    }
  }

  private void skipOne(char from, char to) {
    if (at < line.length() && line.charAt(at) >= from && line.charAt(at) <= to) {
      at++;
    }
  }
}
