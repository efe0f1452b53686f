package io.aiopslab.tasks.worker.slot;

import io.aiopslab.tasks.loop.Threads;
import io.aiopslab.tasks.store.TaskClaims;
import io.aiopslab.tasks.worker.cluster.ClusterKeepers;
import io.aiopslab.tasks.worker.report.EventSpool;
import io.aiopslab.tasks.worker.run.RunTask;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.stereotype.Component;

/** One thread per cluster. */
@Component
public class SlotThreads {
  private final SlotBoard board;
  private final WorkerSettings settings;
  private final RabbitTemplate broker;
  private final TaskClaims claims;
  private final EventSpool spool;
  private final RunTask runTask;
  private final RunTraces traces;
  private final ClusterKeepers keepers;
  private final MeterRegistry meters;
  private final StopSignal stop = new StopSignal();
  private final List<Thread> threads = new ArrayList<>();

  SlotThreads(
      SlotBoard board,
      WorkerSettings settings,
      RabbitTemplate broker,
      TaskClaims claims,
      EventSpool spool,
      RunTask runTask,
      RunTraces traces,
      ClusterKeepers keepers,
      MeterRegistry meters) {
    this.board = board;
    this.settings = settings;
    this.broker = broker;
    this.claims = claims;
    this.spool = spool;
    this.runTask = runTask;
    this.traces = traces;
    this.keepers = keepers;
    this.meters = meters;
  }

  /** Starts to take work, once. */
  public synchronized void start() {
    for (Slot slot : board.slots()) {
      threads.add(Threads.start("slot-" + slot.cluster().name(), loop(slot)));
    }
  }

  private SlotLoop loop(Slot slot) {
    return new SlotLoop(
        slot,
        gate(slot),
        new TicketWait(broker, slot.cluster().backendType(), stop),
        new Claiming(claims, spool, slot, new ClaimMetrics(meters, slot.cluster().backendType())),
        runTask,
        traces,
        stop,
        settings.pollInterval());
  }

  private ClusterGate gate(Slot slot) {
    boolean managed = slot.cluster().managesKind();
    return new ClusterGate(slot, managed ? keepers.keeper(slot.cluster()) : null, stop);
  }

  /** Takes no more work; runs go on. */
  public void stopTakingWork() {
    stop.give();
  }

  /**
   * @return whether all slots have ended in time
   */
  public synchronized boolean awaitEnd(Duration most) throws InterruptedException {
    long end = System.nanoTime() + most.toNanos();
    for (Thread thread : threads) {
      thread.join(Math.max(1, Duration.ofNanos(end - System.nanoTime()).toMillis()));
    }
    return threads.stream().noneMatch(Thread::isAlive);
  }
}
