package io.aiopslab.tasks.system.chaos;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.system.ServiceProcess;
import io.aiopslab.tasks.testing.TcpProxy;
import java.time.Duration;
import java.util.List;

/** What may happen to the system, and how it is healed; returns with everything running again. */
enum Fault {
  WORKER_KILLED(
      stage -> {
        ServiceProcess worker = stage.anyWorker();
        stage.awaitWork(worker);
        stage.killAndStart(worker);
      }),
  BROKER_KILLED(
      stage -> {
        stage.system().broker().kill();
        stage.last(0, 3);
        stage.system().broker().start();
      }),
  DATABASE_KILLED(
      stage -> {
        stage.system().database().kill();
        stage.last(0, 3);
        stage.system().database().start();
      }),
  /** Silent until others have ended its tasks; then it comes back and reports them. */
  WORKER_FROZEN(
      stage -> {
        ServiceProcess worker = stage.anyWorker();
        List<String> tasks = stage.awaitWork(worker);
        worker.pause();
        try {
          stage.awaitEnded(tasks);
        } finally {
          worker.resume();
        }
      }),
  EVENTS_DOUBLED_SHUFFLED_POISONED(
      stage -> {
        try (EventRelay relay = new EventRelay(stage.system().broker(), stage.random())) {
          stage.last(1, 2);
          inject(stage);
          stage.last(1, 2);
        }
      }),
  COLLECTOR_KILLED(stage -> stage.killAndStart(stage.anyCollector())),
  API_KILLED(stage -> stage.killAndStart(stage.anyApi())),
  BROKER_AND_COLLECTOR_KILLED(
      stage -> {
        ServiceProcess collector = stage.anyCollector();
        collector.kill();
        stage.system().broker().kill();
        stage.last(0, 5);
        stage.system().broker().start();
        collector.startAgain();
        collector.awaitReady();
      }),
  BROKER_FROZEN(
      stage -> {
        stage.system().broker().pause();
        try {
          stage.last(2, 15);
        } finally {
          stage.system().broker().resume();
        }
      }),
  DATABASE_FROZEN(
      stage -> {
        stage.system().database().pause();
        try {
          stage.last(2, 15);
        } finally {
          stage.system().database().resume();
        }
      }),
  /** With confirmed events in the queue that no collector has taken yet. */
  BROKER_WIPED(
      stage ->
          whileEventsWait(
              stage,
              () -> {
                stage.system().broker().kill();
                stage.system().broker().wipe();
                stage.system().broker().start();
              })),
  TICKET_QUEUE_DELETED(stage -> delete(stage, Topology.ticketQueue(ChaosSystem.BACKEND))),
  /** Likewise. */
  EVENTS_QUEUE_DELETED(stage -> whileEventsWait(stage, () -> delete(stage, Topology.EVENTS_QUEUE))),
  BROKER_OUT_OF_MEMORY(
      stage -> {
        stage.system().broker().memoryAlarm(true);
        try {
          stage.last(30, 30);
        } finally {
          stage.system().broker().memoryAlarm(false);
        }
      }),
  CONNECTIONS_CUT(
      stage -> {
        for (int i = 0; i < 5; i++) {
          stage.any(stage.system().wires()).both().forEach(TcpProxy::cut);
          stage.last(0, 1);
        }
      }),
  CONNECTIONS_REFUSED(
      stage -> {
        Wires wires = stage.any(stage.system().wires());
        wires.both().forEach(TcpProxy::refuse);
        stage.last(1, 8);
        wires.both().forEach(TcpProxy::heal);
      }),
  CONNECTIONS_DELAYED(
      stage -> {
        stage.system().wires().stream()
            .flatMap(Wires::both)
            .forEach(wire -> wire.delay(Duration.ofMillis(1 + stage.random().nextInt(60))));
        stage.last(3, 8);
        stage.system().wires().stream().flatMap(Wires::both).forEach(TcpProxy::heal);
      }),
  CONNECTIONS_SWALLOWED(
      stage -> {
        Wires wires = stage.any(stage.system().wires());
        wires.both().forEach(TcpProxy::swallow);
        stage.last(2, 25);
        wires.both().forEach(TcpProxy::heal);
      }),
  SPOOL_DISK_FULL(
      stage -> {
        SmallDisk disk = stage.any(stage.system().disks());
        disk.fill();
        stage.last(2, 6);
        disk.empty();
      }),
  API_TERMINATED(stage -> stage.terminateAndStart(stage.anyApi())),
  COLLECTOR_TERMINATED(stage -> stage.terminateAndStart(stage.anyCollector())),
  WORKER_TERMINATED(
      stage -> {
        ServiceProcess worker = stage.anyWorker();
        stage.awaitWork(worker);
        stage.terminateAndStart(worker);
      }),
  EVERYTHING_RESTARTED(stage -> stage.system().services().forEach(stage::terminateAndStart));

  @SuppressWarnings("ImmutableEnumChecker") // functions without state
  private final Action action;

  Fault(Action action) {
    this.action = action;
  }

  @FunctionalInterface
  interface Action {
    void on(Stage stage) throws Exception;
  }

  void strike(Stage stage) {
    try {
      action.on(stage);
    } catch (Exception e) {
      throw new IllegalStateException(this + " could not be staged", e);
    }
  }

  @FunctionalInterface
  private interface Deed {
    void run() throws Exception;
  }

  private static void whileEventsWait(Stage stage, Deed deed) throws Exception {
    stage.system().collectors().forEach(ServiceProcess::pause);
    try {
      stage.last(1, 2);
      deed.run();
    } finally {
      stage.system().collectors().forEach(ServiceProcess::resume);
    }
  }

  private static void inject(Stage stage) throws Exception {
    String cluster = stage.system().clusters(stage.anyWorker()).get(0);
    Poison.inject(
        stage.system().broker(), ChaosSystem.BACKEND, cluster, stage.random(), stage.poison());
  }

  private static void delete(Stage stage, String queue) throws Exception {
    try (Connection connection = stage.system().broker().connectionFactory().newConnection();
        Channel channel = connection.createChannel()) {
      channel.queueDelete(queue);
    }
  }
}
