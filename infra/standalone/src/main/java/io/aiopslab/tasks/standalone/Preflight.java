package io.aiopslab.tasks.standalone;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.TimeUnit;

/** Finds what would make the start fail later, and says what to do about it. */
final class Preflight {
  private Preflight() {}

  /**
   * @throws CannotStartException if a port is taken, the address is none of this machine, or Python
   *     is missing
   */
  static void check(StandaloneSettings settings) {
    checkAddress(settings.address());
    checkPort(settings.apiPort(), "the API", settings);
    checkPort(settings.workerPort(), "the worker's monitoring", settings);
    checkPort(settings.collectorPort(), "the collector's monitoring", settings);
    checkPython(settings.python());
  }

  private static void checkAddress(String address) {
    try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getByName(address))) {
      any.setReuseAddress(true);
    } catch (IOException e) {
      throw new CannotStartException(
          "server.address is '%s', where this machine cannot listen (%s). Leave it out for this machine alone, or listen everywhere: make run ARGS=--server.address=0.0.0.0"
              .formatted(address, e.getMessage()));
    }
  }

  private static void checkPort(int port, String user, StandaloneSettings settings) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(settings.address(), port));
    } catch (IOException e) {
      throw new CannotStartException(
          "port %d, which %s needs, is taken. Stop what uses it (another make run?), or choose other ports: make run ARGS=--aiopslab.standalone.api-port=%d"
              .formatted(port, user, settings.apiPort() + 100));
    }
  }

  private static void checkPython(String python) {
    try {
      Process process =
          new ProcessBuilder(python, "-c", "import sys; sys.exit(sys.version_info < (3, 9))")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new CannotStartException(
            python
                + " does not run or is older than 3.9. Name another: make run ARGS=--aiopslab.standalone.python=/path/to/python3");
      }
    } catch (IOException e) {
      throw new CannotStartException(
          "no "
              + python
              + " on PATH. Install Python 3.9 or newer, or name it: make run ARGS=--aiopslab.standalone.python=/path/to/python3");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CannotStartException("interrupted while looking for Python. Start again.");
    }
  }
}
