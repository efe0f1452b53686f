package io.aiopslab.tasks.testing;

import java.net.URI;

/** A RabbitMQ node that a test may do anything to. Address and data last until it is closed. */
interface BrokerNode extends AutoCloseable {
  BrokerAddress address();

  URI managementUrl();

  /** The process id of the running node, as this machine sees it. */
  long pid();

  /** Starts the node that is not running, with the data it has; returns once it answers. */
  void start();

  /** Shuts the running node down in order (SIGTERM); returns once it has ended. */
  void stop();

  /** SIGKILL; returns once the node has ended. */
  void kill();

  /** SIGSTOP: connections stay open, nothing is answered. */
  void pause();

  /** SIGCONT. */
  void resume();

  /** Deletes the data of a node that is not running: the next start is a first one. */
  void wipe();

  /** Runs {@code rabbitmqctl} on the running node; fails with what it printed. */
  void control(String... arguments);

  /** Ends the node, running or not, and leaves nothing behind. */
  @Override
  void close();
}
