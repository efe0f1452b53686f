package io.aiopslab.tasks.api.submit;

import io.aiopslab.tasks.api.web.Violations;
import io.aiopslab.tasks.callback.ReachableAddresses;
import java.net.URI;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/** Refuses a callback that is known to be refused when it is due, by the collector's own rule. */
@Component
class CallbackPlaces {
  private final ReachableAddresses reachable;

  CallbackPlaces(Settings settings) {
    this.reachable = new ReachableAddresses(settings.allowed());
  }

  /**
   * @param url that is one
   */
  void check(String field, String url, Violations violations) {
    if (!reachable.mayPermit(URI.create(url).getHost())) {
      violations.add(
          field,
          "address",
          "is at an address that callbacks may not reach (private, local or special): give a public"
              + " one, or have the operator list it in aiopslab.callbacks.allowed");
    }
  }

  /**
   * @param allowed as the collector has it: private places that callbacks may reach all the same
   */
  @ConfigurationProperties("aiopslab.callbacks")
  record Settings(@DefaultValue List<String> allowed) {
    Settings {
      allowed = List.copyOf(allowed);
    }
  }
}
