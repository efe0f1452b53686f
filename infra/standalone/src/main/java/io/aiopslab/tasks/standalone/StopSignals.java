package io.aiopslab.tasks.standalone;

import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;

/**
 * Ctrl-C and SIGTERM, as something to wait for. Not a shutdown hook: the embedded servers have
 * hooks of their own, and the JVM runs all hooks at once, so that the services would lose database
 * and broker while they still report.
 */
final class StopSignals {
  private final CountDownLatch received = new CountDownLatch(1);

  StopSignals() {
    handle("INT", 130);
    handle("TERM", 143);
  }

  /** By reflection, because javac has no way to allow {@code sun.misc.Signal} in a strict build. */
  private void handle(String name, int status) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object onSignal =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> {
                stop(status);
                return null;
              });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), onSignal);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this Java cannot handle signals", e);
    }
  }

  /** A second signal does not wait for anything. */
  private void stop(int status) {
    if (received.getCount() == 0) {
      Runtime.getRuntime().halt(status);
    }
    received.countDown();
  }

  void await() throws InterruptedException {
    received.await();
  }
}
