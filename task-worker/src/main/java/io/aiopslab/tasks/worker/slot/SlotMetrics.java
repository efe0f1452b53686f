package io.aiopslab.tasks.worker.slot;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** How many slots of each backend are in which state. */
@Component
class SlotMetrics implements MeterBinder {
  private final SlotBoard board;

  SlotMetrics(SlotBoard board) {
    this.board = board;
  }

  @Override
  public void bindTo(MeterRegistry meters) {
    board.slots().stream()
        .collect(Collectors.groupingBy(slot -> slot.cluster().backendType()))
        .forEach((backendType, slots) -> bind(meters, backendType, slots));
  }

  private static void bind(MeterRegistry meters, String backendType, List<Slot> slots) {
    for (Slot.State state : Slot.State.values()) {
      Gauge.builder("aiopslab.worker.slots", slots, all -> count(all, state))
          .description("Slots of this process, each with a cluster of its own")
          .tag("backend", backendType)
          .tag("state", state.wire())
          .strongReference(true)
          .register(meters);
    }
  }

  private static long count(List<Slot> slots, Slot.State state) {
    return slots.stream().filter(slot -> slot.state() == state).count();
  }
}
