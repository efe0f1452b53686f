package io.aiopslab.tasks.worker.slot;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** What each slot is busy with; out of service when one was taken over by another process. */
@Component("slots")
class SlotsHealth implements HealthIndicator {
  private final SlotBoard board;

  SlotsHealth(SlotBoard board) {
    this.board = board;
  }

  @Override
  public Health health() {
    boolean takenOver = board.slots().stream().anyMatch(Slot::isTakenOver);
    Health.Builder health = takenOver ? Health.outOfService() : Health.up();
    for (Slot slot : board.slots()) {
      health.withDetail(slot.cluster().name(), details(slot));
    }
    return health.build();
  }

  private static Map<String, Object> details(Slot slot) {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("state", slot.state().wire());
    details.put("backend_type", slot.cluster().backendType());
    String quarantine = slot.quarantine();
    if (quarantine != null) {
      details.put("reason", quarantine);
    }
    UUID task = slot.currentTask();
    if (task != null) {
      details.put("current_task", task);
    }
    return details;
  }
}
