package io.aiopslab.tasks.testing;

/**
 * A fresh, empty virtual host on the shared broker, reached over a wire of its own that can go bad:
 * for tests of what a lost connection does. The broker itself goes on, and so does its management
 * API, which is reached directly.
 */
public final class DistantBroker extends TestBroker {
  private final VirtualHost broker;
  private final TcpProxy wire;

  private DistantBroker(VirtualHost broker, TcpProxy wire) {
    super(broker.address().withPort(wire.port()), broker.managementUrl());
    this.broker = broker;
    this.wire = wire;
  }

  static DistantBroker over(VirtualHost broker) {
    return new DistantBroker(broker, TcpProxy.to(broker.host(), broker.port()));
  }

  /** What leads there; both ends of it are on the loopback interface. */
  public TcpProxy wire() {
    return wire;
  }

  /** Every connection ends and none can be made, as if the broker had stopped. */
  public void stop() {
    wire.refuse();
  }

  /** It can be reached again, with all it holds. */
  public void start() {
    wire.heal();
  }

  /** Nothing of what was declared and sent is left, as after the loss of a broker's disk. */
  public void wipe() {
    broker.empty();
  }

  @Override
  public void close() {
    wire.close();
    broker.close();
  }
}
