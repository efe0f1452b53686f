package io.aiopslab.tasks.collector.callback;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** A guard for each of the hosts called most recently. */
@Component
final class HostGuards {
  static final int MOST_HOSTS = 1000;

  private final CallbackSettings settings;
  private final Map<String, HostGuard> guards =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, HostGuard> eldest) {
          return size() > MOST_HOSTS;
        }
      };

  HostGuards(CallbackSettings settings) {
    this.settings = settings;
  }

  synchronized HostGuard of(String host) {
    return guards.computeIfAbsent(host, name -> new HostGuard(name, settings));
  }

  /** Hosts to leave alone for now: failing, or busy with as many callbacks as they may get. */
  synchronized List<String> withoutRoom() {
    List<String> hosts = new ArrayList<>();
    guards.forEach(
        (host, guard) -> {
          if (!guard.hasRoom()) {
            hosts.add(host);
          }
        });
    return hosts;
  }
}
