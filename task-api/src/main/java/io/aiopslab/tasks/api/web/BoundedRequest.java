package io.aiopslab.tasks.api.web;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;
import org.springframework.util.unit.DataSize;

/** A request whose body ends in a refusal if it is longer than its headers had to say. */
final class BoundedRequest extends HttpServletRequestWrapper {
  private final DataSize most;

  BoundedRequest(HttpServletRequest request, DataSize most) {
    super(request);
    this.most = most;
  }

  static Refusal tooLarge(DataSize most) {
    return Refusal.tooLarge(
        "Send a smaller body: no request may have more than %d bytes.".formatted(most.toBytes()));
  }

  @Override
  public ServletInputStream getInputStream() throws IOException {
    return new Bounded(super.getInputStream());
  }

  private final class Bounded extends ServletInputStream {
    private final ServletInputStream in;
    private long read;

    Bounded(ServletInputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      int next = in.read();
      count(next < 0 ? 0 : 1);
      return next;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      int count = in.read(into, from, length);
      count(Math.max(count, 0));
      return count;
    }

    private void count(int more) {
      read += more;
      if (read > most.toBytes()) {
        throw tooLarge(most);
      }
    }

    @Override
    public boolean isFinished() {
      return in.isFinished();
    }

    @Override
    public boolean isReady() {
      return in.isReady();
    }

    @Override
    public void setReadListener(ReadListener listener) {
      in.setReadListener(listener);
    }
  }
}
