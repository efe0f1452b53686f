package io.aiopslab.tasks.testing;

import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.rabbitmq.RabbitMQContainer;
import org.testcontainers.utility.DockerImageName;

/** A node in a container with fixed ports on this machine, so that a restart keeps its address. */
final class BrokerContainer implements BrokerNode {
  static final DockerImageName IMAGE = DockerImageName.parse("rabbitmq:4.1-management-alpine");

  private final int port = FreePort.find();
  private final int managementPort = FreePort.find();
  private RabbitMQContainer container = create(port, managementPort);

  /** A running node, or nothing when no Docker engine answers. */
  static Optional<BrokerNode> tryStart() {
    if (!DockerEngine.answers()) {
      return Optional.empty();
    }
    BrokerContainer broker = new BrokerContainer();
    broker.container.start();
    return Optional.of(broker);
  }

  private static RabbitMQContainer create(int port, int managementPort) {
    RabbitMQContainer container = new RabbitMQContainer(IMAGE);
    container.setPortBindings(List.of(port + ":5672", managementPort + ":15672"));
    return container;
  }

  @Override
  public BrokerAddress address() {
    return new BrokerAddress(container.getHost(), port, "guest", "guest", "/");
  }

  @Override
  public URI managementUrl() {
    return URI.create("http://" + container.getHost() + ":" + managementPort);
  }

  @Override
  public long pid() {
    Long pid = state().getPidLong();
    if (pid == null || pid == 0) {
      throw new IllegalStateException("the node is not running");
    }
    return pid;
  }

  @Override
  public void start() {
    if (container.getContainerId() == null) {
      container.start();
    } else {
      docker().startContainerCmd(container.getContainerId()).exec();
    }
    await().atMost(Duration.ofSeconds(90)).until(() -> address().answers());
  }

  @Override
  public void stop() {
    docker().stopContainerCmd(container.getContainerId()).withTimeout(60).exec();
  }

  @Override
  public void kill() {
    docker().killContainerCmd(container.getContainerId()).exec();
    await().until(() -> !isRunning());
  }

  @Override
  public void pause() {
    docker().pauseContainerCmd(container.getContainerId()).exec();
  }

  @Override
  public void resume() {
    docker().unpauseContainerCmd(container.getContainerId()).exec();
  }

  @Override
  public void wipe() {
    if (isRunning()) {
      throw new IllegalStateException("stop or kill the node first");
    }
    container.stop();
    container = create(port, managementPort);
  }

  @Override
  public void control(String... arguments) {
    try {
      ExecResult result =
          container.execInContainer(
              Stream.concat(Stream.of("rabbitmqctl"), Stream.of(arguments)).toArray(String[]::new));
      if (result.getExitCode() != 0) {
        throw new IllegalStateException("rabbitmqctl failed:\n" + result);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Override
  public void close() {
    container.stop();
  }

  private boolean isRunning() {
    return Boolean.TRUE.equals(state().getRunning());
  }

  private ContainerState state() {
    return docker().inspectContainerCmd(container.getContainerId()).exec().getState();
  }

  private static DockerClient docker() {
    return DockerClientFactory.instance().client();
  }
}
