package io.aiopslab.tasks.collector.callback;

import java.util.HashMap;
import java.util.Map;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** The settings as an operator would write them. */
final class Settings {
  private Settings() {}

  /**
   * @param keysAndValues without the prefix: {@code "deadline", "1s"}
   */
  static CallbackSettings of(String... keysAndValues) {
    Map<String, String> all = new HashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      all.put("aiopslab.callbacks." + keysAndValues[i], keysAndValues[i + 1]);
    }
    return new Binder(new MapConfigurationPropertySource(all))
        .bindOrCreate("aiopslab.callbacks", CallbackSettings.class);
  }
}
