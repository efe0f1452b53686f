package io.aiopslab.tasks.standalone;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.PrintStream;
import org.slf4j.LoggerFactory;

/**
 * Starts a database, a broker and the three services in one JVM, shows them at work on a sample
 * task, and stays up until it is told to stop.
 */
public final class Standalone implements AutoCloseable {
  private final Servers servers;
  private final Services services;

  private Standalone(Servers servers, Services services) {
    this.servers = servers;
    this.services = services;
  }

  public static void main(String[] args) throws InterruptedException {
    PrintStream out = System.out;
    quietUntilSpringLogs();
    try {
      StandaloneSettings settings = StandaloneSettings.from(args);
      Preflight.check(settings);
      StopSignals stop = new StopSignals();
      try (Standalone standalone = start(settings, out)) {
        if (settings.sampleTask()) {
          new SampleRun(settings.apiUrl(), out).show();
        }
        Welcome.print(settings, standalone.servers, out);
        stop.await();
        out.printf("%nStopping: running tasks are ended and reported ...%n");
      }
      out.println("Stopped. The data stays in " + settings.dataDirectory());
      System.exit(0);
    } catch (CannotStartException e) {
      System.err.println("error: " + e.getMessage());
      System.exit(1);
    }
  }

  private static void quietUntilSpringLogs() {
    if (LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME) instanceof Logger root) {
      root.setLevel(Level.WARN);
    }
  }

  static Standalone start(StandaloneSettings settings, PrintStream out) {
    StartUp startUp = new StartUp(out);
    Servers servers = Servers.start(settings, startUp);
    try {
      return new Standalone(servers, Services.start(settings, servers, startUp));
    } catch (RuntimeException e) {
      servers.close();
      throw e;
    }
  }

  @Override
  public void close() {
    services.close();
    servers.close();
  }
}
