package io.aiopslab.tasks.api.web;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.springframework.http.HttpStatus;

/** A request whose body is here: whoever works on it waits for no client. */
final class BufferedRequest extends HttpServletRequestWrapper {
  private static final int PIECE = 16 * 1024;

  private final byte[] body;

  private BufferedRequest(HttpServletRequest request, byte[] body) {
    super(request);
    this.body = body;
  }

  /** Bytes of bodies that may be in memory at once. */
  static final class Budget {
    private final Semaphore left;

    Budget(int bytes) {
      this.left = new Semaphore(bytes);
    }

    boolean take(int bytes) {
      return left.tryAcquire(bytes);
    }

    void giveBack(int bytes) {
      left.release(bytes);
    }
  }

  /**
   * Reads the body to its end. What it holds of the budget has to be given back: {@link #size}.
   *
   * @param longest for all of it; how long one read may take is the web server's connection-timeout
   * @throws Refusal if it takes longer, is too large, or the budget is used up; nothing is held
   *     then
   * @throws IOException if the client is gone or sends what is no body; the web server has answered
   */
  static BufferedRequest read(HttpServletRequest request, Budget budget, Duration longest)
      throws IOException {
    long begun = System.nanoTime();
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    boolean whole = false;
    try {
      ServletInputStream in = request.getInputStream();
      byte[] piece = new byte[PIECE];
      for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
        if (!budget.take(count)) {
          throw Refusal.unavailable(
              "overloaded",
              "Too many large requests are being served; send the request again after the seconds"
                  + " in Retry-After.");
        }
        body.write(piece, 0, count);
        if (System.nanoTime() - begun > longest.toNanos()) {
          throw Refusal.of(
              HttpStatus.REQUEST_TIMEOUT,
              "upload_too_slow",
              "Send the body within %s (aiopslab.api.load.longest-upload), or less of it in a call."
                  .formatted(longest));
        }
      }
      whole = true;
      return new BufferedRequest(request, body.toByteArray());
    } finally {
      if (!whole) {
        budget.giveBack(body.size());
      }
    }
  }

  int size() {
    return body.length;
  }

  @Override
  public ServletInputStream getInputStream() {
    return new Buffered(new ByteArrayInputStream(body));
  }

  @Override
  public BufferedReader getReader() {
    String named = getCharacterEncoding();
    Charset charset = named == null ? StandardCharsets.UTF_8 : Charset.forName(named);
    return new BufferedReader(new InputStreamReader(getInputStream(), charset));
  }

  private static final class Buffered extends ServletInputStream {
    private final ByteArrayInputStream in;

    Buffered(ByteArrayInputStream in) {
      this.in = in;
    }

    @Override
    public int read() {
      return in.read();
    }

    @Override
    public int read(byte[] into, int from, int length) {
      return in.read(into, from, length);
    }

    @Override
    public boolean isFinished() {
      return in.available() == 0;
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setReadListener(ReadListener listener) {
      throw new IllegalStateException("The body has been read already; read it at once");
    }
  }
}
