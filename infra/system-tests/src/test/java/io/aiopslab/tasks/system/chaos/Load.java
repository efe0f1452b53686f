package io.aiopslab.tasks.system.chaos;

import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.system.ServiceProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** Clients that together submit a given number of tasks, and watch them end. */
final class Load implements AutoCloseable {
  private static final int CLIENTS = 4;

  private final ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
  private final List<Future<?>> clients = new ArrayList<>();
  private final AtomicInteger acknowledged = new AtomicInteger();

  /**
   * @param name of the round; idempotency keys begin with it
   */
  Load(ChaosSystem system, Told told, String name, long seed, int tasks) {
    AtomicInteger left = new AtomicInteger(tasks);
    for (int i = 0; i < CLIENTS; i++) {
      Trainee client =
          new Trainee(
              new Client(system.apis().stream().map(ServiceProcess::url).toList(), i, told),
              told,
              system.receiver(),
              name + "-" + i,
              seed * CLIENTS + i,
              left,
              acknowledged);
      clients.add(threads.submit(client));
    }
  }

  /** Waits until the service has taken so many tasks. */
  void awaitAcknowledged(int tasks) {
    await("%d tasks are acknowledged".formatted(tasks))
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> acknowledged.get() >= tasks);
  }

  /** Waits until every client has submitted what it had to, and has seen all of it end. */
  void awaitDone(Duration atMost) {
    long end = System.nanoTime() + atMost.toNanos();
    try {
      for (Future<?> client : clients) {
        client.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      }
    } catch (TimeoutException e) {
      // What did not end is for the checker to name.
    } catch (ExecutionException e) {
      throw new IllegalStateException("a client failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  int acknowledged() {
    return acknowledged.get();
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
