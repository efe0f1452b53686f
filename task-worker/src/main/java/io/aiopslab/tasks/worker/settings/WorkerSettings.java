package io.aiopslab.tasks.worker.settings;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Settings of the worker.
 *
 * @param clusters one entry per Kind cluster; at least one
 * @param pollInterval how long an idle slot waits for a ticket before it looks into the database
 * @param heartbeatInterval how often all slots together say that they are alive
 * @param killGrace what a run gets from SIGTERM to SIGKILL, to recover the fault it injected, where
 *     its cluster sets none
 * @param shutdownGrace how long running tasks may go on when the worker is stopped
 * @param flushTimeout how long a stopping worker waits for the broker to take the last events; what
 *     is left is sent by the next start
 * @param minute how long a minute of {@code timeout_minutes} is; only tests change it
 * @param scratchDirectory where each run gets a directory of its own, deleted after the run; it
 *     must be the worker's user's and no link, and is made where it is missing
 * @param spoolDirectory where events wait for the broker; must outlive the process, and belongs to
 *     one worker process at a time
 * @param spoolMaxSize past this, first copies of what the broker has confirmed are given up, then
 *     log lines are dropped and counted; other events are always kept. Beside it, the reserve takes
 *     max-protocol-line and 256 KiB for each cluster
 * @param resendAfter how long the collectors have, after the broker has confirmed all that a run
 *     said, before it is sent again; twice as long each time, up to 2 min
 * @param maxRunLog past this, a run's further log lines are counted and not kept
 * @param maxLogLine a longer log line is cut
 * @param maxProtocolLine a longer line of the runner's protocol is an error of the runner
 * @param environment names of variables that every run inherits; nothing else is inherited
 * @param passEnvironment names of further variables for the runs: proxies, DOCKER_HOST, what
 *     AIOpsLab's own agents need
 * @param runAs name of the user whose rights runs have, so that they cannot read what the worker
 *     can; only a worker that root has started can give them. That user needs to be able to start
 *     {@code python}, to read the AIOpsLab checkout, and to enter the scratch directory; the
 *     worker's own unless set
 * @param vllmBaseUrl where AIOpsLab's own agent {@code vllm} finds its server; {@code
 *     http://localhost:8000/v1} unless set, which is also task-api's port
 * @param modelKeys keys that tasks may use by the name of their variable, each for one base URL
 */
@ConfigurationProperties("aiopslab.worker")
public record WorkerSettings(
    List<ClusterSettings> clusters,
    @DefaultValue("5s") Duration pollInterval,
    @DefaultValue("5s") Duration heartbeatInterval,
    @DefaultValue("10s") Duration killGrace,
    @DefaultValue("20s") Duration shutdownGrace,
    @DefaultValue("10s") Duration flushTimeout,
    @DefaultValue("1m") Duration minute,
    @DefaultValue("data/worker-scratch") Path scratchDirectory,
    @DefaultValue("data/worker-spool") Path spoolDirectory,
    @DefaultValue("1GB") DataSize spoolMaxSize,
    @DefaultValue("10s") Duration resendAfter,
    @DefaultValue("64MB") DataSize maxRunLog,
    @DefaultValue("16KB") DataSize maxLogLine,
    @DefaultValue("4MB") DataSize maxProtocolLine,
    @DefaultValue({"PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR"})
        List<String> environment,
    @DefaultValue({}) List<String> passEnvironment,
    @Nullable String runAs,
    @Nullable String vllmBaseUrl,
    @DefaultValue({}) List<ModelKey> modelKeys) {
  private static final List<String> SECRETS = List.of("SPRING_", "PGPASS", "RABBITMQ_");

  @SuppressWarnings("NullAway") // the binder passes null for what is not set
  public WorkerSettings {
    clusters = named(clusters);
    runAs = runAs == null || runAs.isBlank() ? null : runAs;
    environment = List.copyOf(environment);
    passEnvironment = harmless("pass-environment", passEnvironment);
    modelKeys = List.copyOf(modelKeys);
    require(
        vllmBaseUrl == null || vllmBaseUrl.matches("https?://[^\\s'\"]+"),
        "vllm-base-url '"
            + vllmBaseUrl
            + "' must be an http or https URL, without spaces or quotes");
    harmless("model-keys", modelKeys.stream().map(ModelKey::variable).toList());
    positive("poll-interval", pollInterval);
    positive("heartbeat-interval", heartbeatInterval);
    positive("minute", minute);
    positive("resend-after", resendAfter);
    notNegative("kill-grace", killGrace);
    notNegative("shutdown-grace", shutdownGrace);
    notNegative("flush-timeout", flushTimeout);
    require(
        heartbeatInterval.compareTo(Duration.ofSeconds(15)) <= 0,
        "heartbeat-interval must be 15s or less, or the collector takes the worker for dead");
    require(
        maxLogLine.toBytes() >= 256 && maxLogLine.compareTo(maxProtocolLine) <= 0,
        "max-log-line must be at least 256B and at most max-protocol-line");
    require(
        maxProtocolLine.compareTo(DataSize.ofMegabytes(64)) <= 0,
        "max-protocol-line must be 64MB or less, as it is held in memory");
  }

  /** What a stop can take at most, from the signal to the last process that is gone. */
  public Duration longestStop() {
    return shutdownGrace.plus(longestEnd()).plusSeconds(1);
  }

  /** What a run can take from the order to end to its last event. */
  public Duration longestEnd() {
    Duration longest =
        clusters.stream().map(this::end).max(Duration::compareTo).orElse(Duration.ZERO);
    return longest.plusSeconds(4);
  }

  /** The process gets its grace; then a managed cluster is looked at once more. */
  private Duration end(ClusterSettings cluster) {
    Duration look = cluster.managesKind() ? cluster.kind().checkTimeout() : Duration.ZERO;
    return killGrace(cluster).plus(look);
  }

  /** What a run on this cluster gets from SIGTERM to SIGKILL. */
  public Duration killGrace(ClusterSettings cluster) {
    Duration own = cluster.killGrace();
    return own == null ? killGrace : own;
  }

  private static List<ClusterSettings> named(@Nullable List<ClusterSettings> clusters) {
    require(
        clusters != null && !clusters.isEmpty(),
        "clusters is empty, so there is nothing to run tasks on; set"
            + " AIOPSLAB_WORKER_CLUSTERS_0_NAME (or aiopslab.worker.clusters[0].name) to the name"
            + " of a Kind cluster");
    Set<String> names = new HashSet<>();
    for (ClusterSettings cluster : clusters == null ? List.<ClusterSettings>of() : clusters) {
      require(names.add(cluster.name()), "clusters names '" + cluster.name() + "' twice");
    }
    return List.copyOf(clusters == null ? List.of() : clusters);
  }

  private static List<String> harmless(String key, List<String> names) {
    for (String name : names) {
      require(
          SECRETS.stream().noneMatch(name::startsWith),
          key + " names " + name + ", which may hold a secret of this service; leave it out");
    }
    return List.copyOf(names);
  }

  private static void positive(String key, Duration value) {
    require(value.compareTo(Duration.ZERO) > 0, key + " must be longer than 0s");
  }

  private static void notNegative(String key, Duration value) {
    require(!value.isNegative(), key + " must not be negative");
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException("aiopslab.worker." + otherwise);
    }
  }
}
