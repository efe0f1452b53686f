package io.aiopslab.tasks.api.tasks;

import io.aiopslab.tasks.api.workers.WorkerListSettings;
import io.aiopslab.tasks.store.BackendLoads;
import io.aiopslab.tasks.task.PlayableProblems;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskSpec;
import io.aiopslab.tasks.task.TaskStatus;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/**
 * Says of a submission that no live worker of its backend can play it, with the nearest ids that
 * can be played, and of a task that it waits in vain. It is accepted all the same: a worker may be
 * on its way.
 */
@Component
public class WarnOfUnplayable {
  private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int NEAREST = 3;
  private static final int MOST_WARNINGS = 100;

  private final BackendLoads loads;
  private final WorkerListSettings settings;
  private final ReentrantLock looking = new ReentrantLock();
  private volatile Look latest = new Look(Map.of(), System.nanoTime() - KEPT_NANOS);

  private record Look(Map<String, PlayableProblems> byBackend, long nanos) {}

  WarnOfUnplayable(BackendLoads loads, WorkerListSettings settings) {
    this.loads = loads;
    this.settings = settings;
  }

  /**
   * @return null where there is nothing to say, also because nobody knows
   */
  public @Nullable List<String> of(TaskSpec spec) {
    return of(List.of(spec));
  }

  /**
   * @return at most 100, each about one problem of one backend
   */
  public @Nullable List<String> of(List<TaskSpec> specs) {
    Map<String, PlayableProblems> playable = look();
    Set<String> warnings = new LinkedHashSet<>();
    Set<List<String>> seen = new LinkedHashSet<>();
    for (TaskSpec spec : specs) {
      PlayableProblems known = playable.get(spec.backendType());
      if (known != null
          && !known.canPlay(spec.problemId())
          && warnings.size() < MOST_WARNINGS
          && seen.add(List.of(spec.backendType(), spec.problemId()))) {
        warnings.add(sentence(spec, known.ids()));
      }
    }
    return warnings.isEmpty() ? null : List.copyOf(warnings);
  }

  /**
   * Why a task goes on waiting although workers are there.
   *
   * @return null if it does not wait, or one of them can play it, or nobody knows
   */
  public @Nullable String ofWaiting(Task task) {
    TaskSpec spec = task.spec();
    PlayableProblems known =
        task.status() == TaskStatus.PENDING ? look().get(spec.backendType()) : null;
    return known == null || known.canPlay(spec.problemId())
        ? null
        : "no live worker of backend '%s' can play the problem '%s': it waits for one that can; GET /api/v1/problems lists what can be played"
            .formatted(spec.backendType(), spec.problemId());
  }

  private static String sentence(TaskSpec spec, List<String> ids) {
    return "no worker of backend '%s' can play the problem '%s'; the nearest that can be played: %s; if the id is misspelt, cancel and submit again (GET /api/v1/problems lists all)"
        .formatted(spec.backendType(), spec.problemId(), String.join(", ", nearest(spec, ids)));
  }

  private static List<String> nearest(TaskSpec spec, List<String> ids) {
    return ids.stream()
        .sorted(Comparator.comparingInt(id -> edits(spec.problemId(), id)))
        .limit(NEAREST)
        .toList();
  }

  /** How many letters have to be put in, left out or changed. */
  private static int edits(String one, String other) {
    int[] row = IntStream.rangeClosed(0, other.length()).toArray();
    for (int i = 1; i <= one.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= other.length(); j++) {
        int change = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[other.length()];
  }

  /** At most a second old; while somebody looks, and while the database is away, older. */
  private Map<String, PlayableProblems> look() {
    if (System.nanoTime() - latest.nanos() >= KEPT_NANOS && looking.tryLock()) {
      try {
        latest =
            new Look(
                loads.playable(settings.offlineAfter()).stream()
                    .collect(Collectors.toMap(PlayableProblems::backendType, known -> known)),
                System.nanoTime());
      } catch (DataAccessException e) {
        latest = new Look(latest.byBackend(), System.nanoTime());
      } finally {
        looking.unlock();
      }
    }
    return latest.byBackend();
  }
}
