package io.aiopslab.tasks.worker.command;

import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.loop.Loops;
import io.aiopslab.tasks.worker.settings.ClusterSettings;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.amqp.autoconfigure.CachingConnectionFactoryConfigurer;
import org.springframework.stereotype.Component;

/**
 * One listener per slot, on a connection of their own: a try to connect that hangs must not keep
 * the slots from polling.
 */
@Component
class CommandListeners implements DisposableBean {
  private final CachingConnectionFactory connections;

  CommandListeners(
      CachingConnectionFactory others,
      CachingConnectionFactoryConfigurer configurer,
      ObeyCommand obeyCommand,
      WorkerSettings settings,
      Loops loops) {
    this.connections = new CachingConnectionFactory(others.getRabbitConnectionFactory());
    configurer.configure(connections);
    for (ClusterSettings cluster : settings.clusters()) {
      new ListenForCommands(
          cluster.name(), connections, Topology.commands(cluster.name()), obeyCommand, loops);
    }
  }

  @Override
  public void destroy() {
    connections.destroy();
  }
}
