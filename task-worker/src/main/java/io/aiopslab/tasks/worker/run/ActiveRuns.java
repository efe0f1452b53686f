package io.aiopslab.tasks.worker.run;

import java.util.HashSet;
import java.util.Set;
import org.springframework.stereotype.Component;

/** The runs of this process, to be ended when the worker's shutdown grace is over. */
@Component
public class ActiveRuns {
  private final Set<RunEnd> ends = new HashSet<>();
  private boolean stopped;

  synchronized void add(RunEnd end) {
    ends.add(end);
    if (stopped) {
      end.because(EndCause.WORKER_SHUTDOWN);
    }
  }

  synchronized void remove(RunEnd end) {
    ends.remove(end);
  }

  /** Ends all runs, and any that starts after this. */
  public synchronized void endAll() {
    stopped = true;
    ends.forEach(end -> end.because(EndCause.WORKER_SHUTDOWN));
  }
}
