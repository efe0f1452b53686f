package io.aiopslab.tasks.system.chaos;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.system.ServiceProcess;
import io.aiopslab.tasks.testing.TcpProxy;
import java.time.Duration;
import java.util.List;

/** What may happen to services, their servers and what is between them. */
enum Fault implements Incident {
  WORKER_KILLED(
      stage -> {
        ServiceProcess worker = stage.anyWorker();
        stage.awaitWork(worker);
        stage.killAndStart(worker);
      }),
  BROKER_KILLED(
      stage -> {
        stage.single().broker().kill();
        stage.last(0, 3);
        stage.single().broker().start();
      }),
  DATABASE_KILLED(
      stage -> {
        stage.single().server().kill();
        stage.last(0, 3);
        stage.single().server().start();
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
        try (EventRelay relay = new EventRelay(stage.single().broker(), stage.random())) {
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
        stage.single().broker().kill();
        stage.last(0, 5);
        stage.single().broker().start();
        collector.startAgain();
        collector.awaitReady();
      }),
  BROKER_FROZEN(
      stage -> {
        stage.single().broker().pause();
        try {
          stage.last(2, 15);
        } finally {
          stage.single().broker().resume();
        }
      }),
  DATABASE_FROZEN(
      stage -> {
        stage.single().server().pause();
        try {
          stage.last(2, 15);
        } finally {
          stage.single().server().resume();
        }
      }),
  /** With confirmed events in the queue that no collector has taken yet. */
  BROKER_WIPED(
      stage ->
          whileEventsWait(
              stage,
              () -> {
                stage.single().broker().kill();
                stage.single().broker().wipe();
                stage.single().broker().start();
              })),
  TICKET_QUEUE_DELETED(stage -> delete(stage, Topology.ticketQueue(ChaosSystem.BACKEND))),
  /** Likewise. */
  EVENTS_QUEUE_DELETED(stage -> whileEventsWait(stage, () -> delete(stage, Topology.EVENTS_QUEUE))),
  BROKER_OUT_OF_MEMORY(
      stage -> {
        stage.single().broker().memoryAlarm(true);
        try {
          stage.last(30, 30);
        } finally {
          stage.single().broker().memoryAlarm(false);
        }
      }),
  CONNECTIONS_CUT(
      stage -> {
        for (int i = 0; i < 5; i++) {
          stage.any(stage.single().wires()).both().forEach(TcpProxy::cut);
          stage.last(0, 1);
        }
      }),
  CONNECTIONS_REFUSED(
      stage -> {
        Wires wires = stage.any(stage.single().wires());
        wires.both().forEach(TcpProxy::refuse);
        stage.last(1, 8);
        wires.both().forEach(TcpProxy::heal);
      }),
  CONNECTIONS_DELAYED(
      stage -> {
        stage.single().wires().stream()
            .flatMap(Wires::both)
            .forEach(wire -> wire.delay(Duration.ofMillis(1 + stage.random().nextInt(60))));
        stage.last(3, 8);
        stage.single().wires().stream().flatMap(Wires::both).forEach(TcpProxy::heal);
      }),
  CONNECTIONS_SWALLOWED(
      stage -> {
        Wires wires = stage.any(stage.single().wires());
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

  @Override
  public void strike(Stage stage) {
    action.strike(this, stage);
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
        stage.single().broker(), ChaosSystem.BACKEND, cluster, stage.random(), stage.poison());
  }

  private static void delete(Stage stage, String queue) throws Exception {
    try (Connection connection = stage.single().broker().connectionFactory().newConnection();
        Channel channel = connection.createChannel()) {
      channel.queueDelete(queue);
    }
  }
}
