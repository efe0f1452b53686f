package io.aiopslab.tasks.collector.collect;

import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.message.RunEventBody.Finished;
import io.aiopslab.tasks.store.RunSessions.Run;
import java.util.ArrayList;
import java.util.List;

/** What became of the messages of one transaction; to be counted once it is committed. */
final class Tally {
  private final List<RunEvent> stored = new ArrayList<>();
  private final List<Ended> ended = new ArrayList<>();
  private final List<StaleReason> stale = new ArrayList<>();
  private int duplicates;
  private int quarantined;

  record Ended(Finished finished, Run run) {}

  void stored(RunEvent event) {
    stored.add(event);
  }

  void ended(Finished finished, Run run) {
    ended.add(new Ended(finished, run));
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

  List<Ended> ended() {
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
