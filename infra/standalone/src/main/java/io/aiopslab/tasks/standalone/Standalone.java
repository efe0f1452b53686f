package io.aiopslab.tasks.standalone;

import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;

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
    StandaloneSettings settings = StandaloneSettings.from(args);
    try {
      Preflight.check(settings);
      Standalone standalone = start(settings, out);
      Runtime.getRuntime()
          .addShutdownHook(new Thread(() -> stop(standalone, out), "standalone-stop"));
      if (settings.sampleTask()) {
        new SampleRun(settings.apiUrl(), out).show();
      }
      Welcome.print(settings, standalone.servers, out);
    } catch (CannotStartException e) {
      System.err.println("error: " + e.getMessage());
      System.exit(1);
    }
    new CountDownLatch(1).await();
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

  private static void stop(Standalone standalone, PrintStream out) {
    out.println();
    out.println("Stopping: running tasks are ended and reported, data stays ...");
    standalone.close();
    out.println("Stopped.");
  }

  @Override
  public void close() {
    services.close();
    servers.close();
  }
}
