package io.aiopslab.tasks.testing;

/**
 * An empty database on a server of one test's own, to be stopped, killed and frozen. Its address
 * stays the same; what was committed outlives a {@link #kill()}.
 */
public final class PrivateDatabase extends TestDatabase {
  private final PostgresCluster cluster;

  PrivateDatabase(PostgresCluster cluster) {
    super(cluster.address());
    this.cluster = cluster;
  }

  /** The process id of the running server's postmaster. */
  public long pid() {
    return cluster.pid();
  }

  /** Starts the server that is not running, with the data it has; returns once it answers. */
  public void start() {
    cluster.start();
  }

  /** Shuts the running server down in order, connections cut; returns once it has ended. */
  public void stop() {
    cluster.stop();
  }

  /** SIGKILL to the postmaster; returns once all its processes have ended. */
  public void kill() {
    cluster.kill();
  }

  /** SIGSTOP to every process of the server: connections stay open, nothing is answered. */
  public void pause() {
    cluster.pause();
  }

  /** SIGCONT. */
  public void resume() {
    cluster.resume();
  }

  /**
   * Runs a client program that came with the server, such as {@code pg_dump}, on this database.
   *
   * @return what it has printed to standard output
   * @throws org.opentest4j.TestAbortedException if the server came without it
   */
  public String run(String program, String... arguments) {
    return cluster.run(program, arguments);
  }

  /** Ends the server, running or not, and leaves nothing behind. */
  @Override
  public void close() {
    cluster.close();
  }
}
