package io.aiopslab.tasks.worker.command;

import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.worker.settings.ClusterSettings;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.boot.amqp.autoconfigure.CachingConnectionFactoryConfigurer;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * One thread per slot that listens for commands, on a connection of their own: a try to connect
 * that hangs must not keep the slots from polling. Stops after the slots, so that a run in its
 * shutdown grace can still be cancelled.
 */
@Component
class CommandListeners implements SmartLifecycle {
  private static final int PHASE = Integer.MAX_VALUE - 101;
  private static final long STOP_MILLIS = 2000;

  private final CachingConnectionFactory connections;
  private final ObeyCommand obeyCommand;
  private final List<String> clusters;
  private final List<Thread> threads = new ArrayList<>();
  private CountDownLatch stopping = new CountDownLatch(1);

  CommandListeners(
      CachingConnectionFactory others,
      CachingConnectionFactoryConfigurer configurer,
      ObeyCommand obeyCommand,
      WorkerSettings settings) {
    this.connections = new CachingConnectionFactory(others.getRabbitConnectionFactory());
    configurer.configure(connections);
    this.obeyCommand = obeyCommand;
    this.clusters = settings.clusters().stream().map(ClusterSettings::name).toList();
  }

  @Override
  public synchronized void start() {
    stopping = new CountDownLatch(1);
    for (String cluster : clusters) {
      Thread thread =
          new Thread(
              new ListenForCommands(connections, Topology.commands(cluster), obeyCommand, stopping),
              "commands-" + cluster);
      thread.setDaemon(true);
      threads.add(thread);
      thread.start();
    }
  }

  @Override
  public synchronized void stop() {
    stopping.countDown();
    threads.forEach(Thread::interrupt);
    connections.destroy();
    long end = System.nanoTime() + STOP_MILLIS * 1_000_000;
    try {
      for (Thread thread : threads) {
        thread.join(Math.max(1, (end - System.nanoTime()) / 1_000_000));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    threads.clear();
  }

  @Override
  public synchronized boolean isRunning() {
    return !threads.isEmpty();
  }

  @Override
  public int getPhase() {
    return PHASE;
  }
}
