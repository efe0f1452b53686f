package io.aiopslab.tasks.loop;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** Makes the loops of a service, has Spring start and stop them, and says how they are. */
@Component("loops")
public final class Loops implements HealthIndicator {
  private final ConfigurableListableBeanFactory beans;
  private final MeterRegistry meters;
  private final List<Loop> all = new CopyOnWriteArrayList<>();

  public Loops(ConfigurableListableBeanFactory beans, MeterRegistry meters) {
    this.beans = beans;
    this.meters = meters;
  }

  /**
   * @param name of the loop's thread, and in metrics and health; one of a kind
   */
  public Loop.Builder loop(String name) {
    return new Loop.Builder(this, name);
  }

  Loop add(Loop loop) {
    beans.registerSingleton("loop." + loop.name(), loop);
    Gauge.builder("aiopslab.loop.failures", loop, Loop::failures)
        .description("Rounds in a row that have failed; 0 while all is well")
        .tag("loop", loop.name())
        .register(meters);
    all.add(loop);
    return loop;
  }

  MeterRegistry meters() {
    return meters;
  }

  /** A loop that fails is shown and goes on: nothing gets better by a restart of its service. */
  @Override
  public Health health() {
    Map<String, Object> failing = new LinkedHashMap<>();
    for (Loop loop : all) {
      Throwable failure = loop.lastFailure();
      if (failure != null) {
        failing.put(
            loop.name(),
            "failed %d times in a row, for %d s: %s"
                .formatted(loop.failures(), loop.sinceSuccess().toSeconds(), failure.toString()));
      }
    }
    return failing.isEmpty() ? Health.up().build() : Health.unknown().withDetails(failing).build();
  }
}
