package io.aiopslab.tasks.worker.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutputLinesTest {
  private static final int LOG_BYTES = 64;
  private static final int PROTOCOL_BYTES = 256;

  @Test
  void splitsAtNewlines() throws IOException {
    assertThat(texts("one\ntwo\r\n\nlast without an end"))
        .containsExactly("one", "two", "", "last without an end");
  }

  @Test
  void splitsTheSameWhateverPiecesItComesIn() throws IOException {
    InputStream dripping =
        new ByteArrayInputStream("{\"a\":1}\nüber\r\n{".getBytes(UTF_8)) {
          @Override
          public synchronized int read(byte[] bytes, int offset, int length) {
            return super.read(bytes, offset, Math.min(1, length));
          }
        };
    assertThat(lines(dripping).stream().map(OutputLine::text))
        .containsExactly("{\"a\":1}", "über", "{");
  }

  @Test
  void aLineOf300MegabytesIsReadInBoundedMemory() throws IOException {
    long length = 300L * 1024 * 1024;
    InputStream huge = new Repeating((byte) 'x', length);
    InputStream rest = new ByteArrayInputStream("\nafter\n".getBytes(UTF_8));

    List<OutputLine> lines = lines(new SequenceInputStream(huge, rest));

    assertThat(lines).hasSize(2);
    assertThat(lines.get(0).bytes()).hasSize(LOG_BYTES);
    assertThat(lines.get(0).omitted()).isEqualTo(length - LOG_BYTES);
    assertThat(lines.get(0).forLog(LOG_BYTES))
        .isEqualTo("x".repeat(64) + " [" + (length - LOG_BYTES) + " more bytes were left out]");
    assertThat(lines.get(1).text()).isEqualTo("after");
  }

  @Test
  void messagesMayBeLonger() throws IOException {
    List<OutputLine> lines =
        lines(bytes("{" + "x".repeat(200) + "\n{" + "y".repeat(300) + "\n" + "z".repeat(200)));
    assertThat(lines.stream().map(OutputLine::omitted)).containsExactly(0L, 45L, 136L);
    assertThat(lines.get(0).bytes()).hasSize(201);
    assertThat(lines.get(0).forLog(LOG_BYTES)).startsWith("{xxx").endsWith("left out]");
  }

  @Test
  void whatIsNoTextBecomesReadable() throws IOException {
    byte[] bytes = {'a', 0, (byte) 0xff, (byte) 0xc3, (byte) 0x28, '\n'};
    assertThat(lines(new ByteArrayInputStream(bytes)).get(0).forLog(LOG_BYTES))
        .isEqualTo("a\uFFFD\uFFFD\uFFFD(");
  }

  @Test
  void aCutDoesNotSplitACharacter() throws IOException {
    String text = lines(bytes("x" + "€".repeat(30) + "\n")).get(0).forLog(LOG_BYTES);
    assertThat(text).startsWith("x" + "€".repeat(21) + " [").doesNotContain("\uFFFD");
    assertThat(text).endsWith("[27 more bytes were left out]");
  }

  private static List<String> texts(String output) throws IOException {
    return lines(bytes(output)).stream().map(OutputLine::text).toList();
  }

  private static InputStream bytes(String output) {
    return new ByteArrayInputStream(output.getBytes(UTF_8));
  }

  private static List<OutputLine> lines(InputStream output) throws IOException {
    List<OutputLine> lines = Collections.synchronizedList(new ArrayList<>());
    new OutputLines(LOG_BYTES, PROTOCOL_BYTES).read(output, lines::add);
    return lines;
  }

  /** The same byte, many times, made as it is read. */
  private static final class Repeating extends InputStream {
    private final byte value;
    private long left;

    Repeating(byte value, long length) {
      this.value = value;
      this.left = length;
    }

    @Override
    public int read() {
      return left-- > 0 ? value : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      if (left <= 0) {
        return -1;
      }
      int count = (int) Math.min(left, length);
      Arrays.fill(target, offset, offset + count, value);
      left -= count;
      return count;
    }
  }
}
