package io.aiopslab.tasks.api.follow;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection, written without waiting and without a thread of its own. It holds what
 * was offered until the client reads it; who offers only to a drained pipe bounds that.
 */
final class EventPipe implements WriteListener, AsyncListener {
  private static final Logger log = LoggerFactory.getLogger(EventPipe.class);

  private final AsyncContext context;
  private final ServletOutputStream out;
  private final Runnable onClosed;
  private final Queue<byte[]> pending = new ArrayDeque<>();
  private boolean flushNeeded;
  private boolean closeWhenDrained;
  private boolean closed;
  private long lastProgress = System.nanoTime();

  EventPipe(AsyncContext context, Runnable onClosed) throws IOException {
    this.context = context;
    this.out = context.getResponse().getOutputStream();
    this.onClosed = onClosed;
  }

  void open() {
    context.setTimeout(0);
    context.addListener(this);
    out.setWriteListener(this);
  }

  synchronized void offer(byte[] bytes) {
    if (!closed && !closeWhenDrained) {
      if (pending.isEmpty() && !flushNeeded) {
        lastProgress = System.nanoTime();
      }
      pending.add(bytes);
      write();
    }
  }

  /** Ends the answer once everything that was offered has been written. */
  synchronized void finish() {
    closeWhenDrained = true;
    write();
  }

  synchronized boolean isDrained() {
    return pending.isEmpty() && !flushNeeded;
  }

  /** Since when nothing has been written, by {@link System#nanoTime()}. */
  synchronized long lastProgress() {
    return lastProgress;
  }

  /** Ends the answer as it is. */
  void cut() {
    if (markClosed()) {
      try {
        context.complete();
      } catch (IllegalStateException e) {
        log.debug("A stream had ended already", e);
      }
    }
  }

  @Override
  public synchronized void onWritePossible() {
    write();
  }

  private void write() {
    try {
      while (!closed && !(pending.isEmpty() && !flushNeeded) && out.isReady()) {
        byte[] next = pending.poll();
        if (next == null) {
          flushNeeded = false;
          out.flush();
        } else {
          flushNeeded = true;
          out.write(next);
        }
        lastProgress = System.nanoTime();
      }
      if (closeWhenDrained && pending.isEmpty() && !flushNeeded) {
        cut();
      }
    } catch (IOException | IllegalStateException e) {
      log.debug("A stream's client is gone", e);
      cut();
    }
  }

  private boolean markClosed() {
    synchronized (this) {
      if (closed) {
        return false;
      }
      closed = true;
      pending.clear();
    }
    onClosed.run();
    return true;
  }

  @Override
  public void onError(Throwable failure) {
    log.debug("A stream's client is gone", failure);
    cut();
  }

  @Override
  public void onComplete(AsyncEvent event) {
    markClosed();
  }

  @Override
  public void onTimeout(AsyncEvent event) {
    cut();
  }

  @Override
  public void onError(AsyncEvent event) {
    cut();
  }

  @Override
  public void onStartAsync(AsyncEvent event) {}
}
