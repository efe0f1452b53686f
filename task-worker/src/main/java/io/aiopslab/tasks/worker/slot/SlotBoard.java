package io.aiopslab.tasks.worker.slot;

import io.aiopslab.tasks.worker.settings.WorkerSettings;
import java.util.List;
import org.springframework.stereotype.Component;

/** All slots of this process. */
@Component
public class SlotBoard {
  private final List<Slot> slots;

  SlotBoard(WorkerSettings settings) {
    this.slots = settings.clusters().stream().map(Slot::new).toList();
  }

  public List<Slot> slots() {
    return slots;
  }
}
