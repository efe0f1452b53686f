package io.aiopslab.tasks.collector.collect;

import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.message.RunEventBody.Finished;
import io.aiopslab.tasks.store.RunSessions.Run;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What became of the messages of one transaction; to be counted once it is committed. */
final class Tally {
  private final List<RunEvent> stored = new ArrayList<>();
  private final Map<UUID, Ended> ended = new LinkedHashMap<>();
  private final List<StaleReason> stale = new ArrayList<>();
  private int duplicates;
  private int quarantined;

  record Ended(Finished finished, Run run) {}

  void stored(RunEvent event) {
    stored.add(event);
  }

  void ended(UUID task, Finished finished, Run run) {
    ended.put(task, new Ended(finished, run));
  }

  void stale(StaleReason reason) {
    stale.add(reason);
  }

  void duplicate() {
    duplicates++;
  }

  void quarantine() {
    quarantined++;
  }

  List<RunEvent> stored() {
    return stored;
  }

  Map<UUID, Ended> ended() {
    return ended;
  }

  List<StaleReason> stale() {
    return stale;
  }

  int duplicates() {
    return duplicates;
  }

  int quarantined() {
    return quarantined;
  }
}
