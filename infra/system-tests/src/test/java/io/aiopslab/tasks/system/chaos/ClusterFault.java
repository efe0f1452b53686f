package io.aiopslab.tasks.system.chaos;

import io.aiopslab.tasks.testing.BrokerCluster;
import io.aiopslab.tasks.testing.BrokerCluster.Node;
import io.aiopslab.tasks.testing.ReplicatedDatabase;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What may happen to servers that span machines. */
enum ClusterFault implements Incident {
  BROKER_NODE_KILLED(
      stage -> {
        Node node = stage.any(stage.clustered().brokers());
        node.kill();
        stage.last(3, 15);
        BrokerCluster.start(List.of(node));
      }),
  PRIMARY_KILLED(
      stage -> {
        ReplicatedDatabase database = stage.clustered().replicated();
        database.primary().kill();
        stage.last(1, 8);
        database.promote();
        stage.last(2, 5);
        database.rejoin();
      }),
  /** Its network comes back after the promotion: two say that they are the primary. */
  PRIMARY_CUT_OFF(
      stage -> {
        ReplicatedDatabase database = stage.clustered().replicated();
        database.primary().host().cutOff();
        stage.last(2, 8);
        database.promote();
        stage.last(0, 5);
        database.standby().host().heal();
        stage.clustered().awaitReplacedPrimaryUnused();
        database.rejoin();
      }),
  BROKER_NODE_CUT_OFF(
      stage -> {
        Node node = stage.any(stage.clustered().brokers());
        node.host().cutOff();
        stage.last(5, 40);
        node.host().heal();
      }),
  /** Started as what it was, while some services do not remember the promotion. */
  OLD_PRIMARY_STARTED_AGAIN(
      stage -> {
        ReplicatedDatabase database = stage.clustered().replicated();
        database.primary().kill();
        stage.last(0, 2);
        database.promote();
        database.standby().start();
        stage.killAndStart(stage.anyApi());
        stage.killAndStart(stage.anyCollector());
        stage.clustered().awaitReplacedPrimaryUnused();
        database.rejoin();
      }),
  TWO_BROKER_NODES_KILLED(
      stage -> {
        List<Node> nodes = new ArrayList<>(stage.clustered().brokers());
        Collections.shuffle(nodes, stage.random());
        nodes.get(0).kill();
        stage.last(0, 3);
        nodes.get(1).kill();
        stage.last(3, 15);
        BrokerCluster.start(nodes.subList(0, 2));
      }),
  /** No commit is answered until it is back. */
  STANDBY_LOST(
      stage -> {
        ReplicatedDatabase database = stage.clustered().replicated();
        database.standby().kill();
        stage.last(2, 12);
        database.standby().start();
      }),
  BROKER_NODES_CUT_APART(
      stage -> {
        stage.clustered().brokers().forEach(node -> node.host().cutOff());
        stage.last(5, 20);
        stage.clustered().brokers().forEach(node -> node.host().heal());
      });

  @SuppressWarnings("ImmutableEnumChecker") // functions without state
  private final Action action;

  ClusterFault(Action action) {
    this.action = action;
  }

  @Override
  public void strike(Stage stage) {
    action.strike(this, stage);
    stage.clustered().awaitBrokersTogether();
  }
}
