package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.message.ClusterCommand;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** The runs of this process, for those who have to end one, or all of them. */
@Component
public class ActiveRuns {
  private static final int MOST_REMEMBERED = 1000;

  private final Map<UUID, RunEnd> ends = new HashMap<>();
  private final Map<UUID, Conversation> conversations = new HashMap<>();
  private final Set<UUID> unmatched = new LinkedHashSet<>();
  private boolean stopped;

  /** What became of the wish to end a run. */
  public enum Cancel {
    /** It ends because of it. */
    ENDING,
    /** It ends already, or has said how it went: nothing is changed. */
    TOO_LATE,
    /** It is not here; if it is about to begin, it will end at once. */
    NOT_HERE
  }

  synchronized void add(UUID session, RunEnd end) {
    ends.put(session, end);
    if (stopped) {
      end.because(EndCause.WORKER_SHUTDOWN);
    } else if (unmatched.remove(session)) {
      end.cancel();
    }
  }

  synchronized void add(UUID session, Conversation conversation) {
    conversations.put(session, conversation);
  }

  synchronized void remove(UUID session) {
    ends.remove(session);
    conversations.remove(session);
  }

  /** Gives an action to the interactive session of that claim. */
  public String step(UUID session, ClusterCommand.Step step) {
    Conversation conversation;
    synchronized (this) {
      conversation = conversations.get(session);
    }
    return (conversation == null ? Conversation.Outcome.NOT_HERE : conversation.step(step)).tag();
  }

  /** Everything that {@link #step} may give. */
  public static List<String> stepOutcomes() {
    return Arrays.stream(Conversation.Outcome.values()).map(Conversation.Outcome::tag).toList();
  }

  /** Ends the run of a session, now or as soon as it begins. */
  public synchronized Cancel cancel(UUID session) {
    RunEnd end = ends.get(session);
    if (end == null) {
      remember(session);
      return Cancel.NOT_HERE;
    }
    return end.cancel() ? Cancel.ENDING : Cancel.TOO_LATE;
  }

  /** Sessions whose run has not ended. */
  public synchronized Set<UUID> sessions() {
    return Set.copyOf(ends.keySet());
  }

  /** Ends the run of a session that does not own its task any more. */
  public synchronized void lose(UUID session) {
    RunEnd end = ends.get(session);
    if (end != null) {
      end.because(EndCause.LOST);
    }
  }

  private void remember(UUID session) {
    if (unmatched.add(session) && unmatched.size() > MOST_REMEMBERED) {
      unmatched.remove(unmatched.iterator().next());
    }
  }

  /** Ends all runs, and any that starts after this. */
  public synchronized void endAll() {
    stopped = true;
    ends.values().forEach(end -> end.because(EndCause.WORKER_SHUTDOWN));
  }
}
