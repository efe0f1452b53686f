package io.aiopslab.tasks.standalone;

import java.io.PrintStream;

/** What a newcomer needs to know once the service is up. */
final class Welcome {
  private Welcome() {}

  static void print(StandaloneSettings settings, Servers servers, PrintStream out) {
    out.printf(
        """

        The service is up.
          API            %1$s/api/v1/tasks
          Try it         %1$s/docs
          OpenAPI        %1$s/v3/api-docs
          Health         %1$s/actuator/health
          Metrics        %1$s/actuator/prometheus, :%2$d and :%3$d likewise (worker, collector)
          Database       %4$s
          Broker         %5$s
          Data and logs  %6$s
          Reached from   %7$s

        Submit a task from another terminal:
          curl -s %1$s/api/v1/tasks -H 'Content-Type: application/json' \\
            -d '{"problem_id": "misconfig_app_hotel_res-detection-1"}'

        Ctrl-C stops it; the data stays.
        """,
        settings.apiUrl(),
        settings.workerPort(),
        settings.collectorPort(),
        servers.describeDatabase(),
        servers.describeBroker(),
        settings.dataDirectory(),
        reachedFrom(settings));
  }

  /** Nobody is asked who he is, so a person should know. */
  private static String reachedFrom(StandaloneSettings settings) {
    return settings.isForThisMachineAlone()
        ? "this machine alone; open it, which no login guards: make run ARGS=--server.address=0.0.0.0"
        : "wherever " + settings.address() + " is reached, without a login";
  }
}
