package io.aiopslab.tasks.testing;

/** A broker of one test's own, to be stopped, killed and frozen. Its address stays the same. */
public final class PrivateBroker extends TestBroker {
  private final BrokerNode node;

  PrivateBroker(BrokerNode node) {
    super(node.address(), node.managementUrl());
    this.node = node;
  }

  /** The process id of the running node, as this machine sees it. */
  public long pid() {
    return node.pid();
  }

  /** Starts the node that is not running, with the data it has; returns once it answers. */
  public void start() {
    node.start();
  }

  /** Shuts the running node down in order (SIGTERM); returns once it has ended. */
  public void stop() {
    node.stop();
  }

  /** SIGKILL; returns once the node has ended. */
  public void kill() {
    node.kill();
  }

  /** SIGSTOP: connections stay open, nothing is answered. */
  public void pause() {
    node.pause();
  }

  /** SIGCONT. */
  public void resume() {
    node.resume();
  }

  /** Deletes the data of a node that is not running: the next start is a first one. */
  public void wipe() {
    node.wipe();
  }

  /** Raises the memory alarm, which blocks every publisher, or clears it. */
  public void memoryAlarm(boolean raised) {
    node.control("set_vm_memory_high_watermark", raised ? "0" : "0.4");
  }

  /** Ends the node, running or not, and leaves nothing behind. */
  @Override
  public void close() {
    node.close();
  }
}
