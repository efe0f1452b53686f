package io.aiopslab.tasks.api.follow;

import io.aiopslab.tasks.store.TaskNews.Head;
import io.aiopslab.tasks.store.TaskNews.Mark;
import io.aiopslab.tasks.task.TaskResult;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Gives every stream its share of the news. */
@Component
class FanOut {
  private static final Logger log = LoggerFactory.getLogger(FanOut.class);
  private static final byte[] HEARTBEAT = EventText.HEARTBEAT.getBytes(StandardCharsets.UTF_8);

  private final GatherNews news;
  private final StreamSettings settings;
  private final Counter dropped;

  FanOut(GatherNews news, StreamSettings settings, MeterRegistry metrics) {
    this.news = news;
    this.settings = settings;
    this.dropped =
        Counter.builder("aiopslab.streams.dropped")
            .description("Event streams that were ended because their clients did not read")
            .register(metrics);
  }

  /** Keeps silent streams alive, and drops those whose clients do not read. */
  void tendTo(Map<Follower, EventPipe> streams) {
    streams.forEach(
        (follower, pipe) -> {
          long silent = System.nanoTime() - pipe.lastProgress();
          if (!pipe.isDrained()) {
            if (silent > settings.slowest().toNanos()) {
              log.info(
                  "Dropped a stream of task {}: its client has read nothing for {}; it can connect"
                      + " again with the last id that it has seen",
                  follower.taskId(),
                  settings.slowest());
              dropped.increment();
              pipe.cut();
            }
          } else if (silent >= settings.heartbeat().toNanos()) {
            pipe.offer(HEARTBEAT);
          }
        });
  }

  /**
   * @return whether there is more to be sent at once
   */
  boolean send(Map<Follower, EventPipe> streams) {
    List<Follower> ready = new ArrayList<>();
    streams.forEach(
        (follower, pipe) -> {
          if (pipe.isDrained()) {
            ready.add(follower);
          }
        });
    if (ready.isEmpty()) {
      return false;
    }
    Map<UUID, Head> heads = news.heads(ready);
    Map<Mark, List<Follower.Item>> logs = news.logs(ready, heads);
    Map<Mark, List<Follower.Item>> steps = news.steps(ready, heads);
    Map<Follower, EventText> texts = new HashMap<>();
    List<Follower> caughtUp = new ArrayList<>();
    boolean more = false;
    for (Follower follower : ready) {
      Head head = heads.get(follower.taskId());
      if (head != null) {
        EventText text = new EventText();
        follower.advance(
            head,
            logs.getOrDefault(follower.logMark(), List.of()),
            steps.getOrDefault(follower.stepMark(), List.of()),
            text);
        if (follower.isCaughtUp(head)) {
          caughtUp.add(follower);
        }
        more |= !text.isEmpty() && (follower.wantsLogs(head) || follower.wantsSteps(head));
        texts.put(follower, text);
      }
    }
    List<Follower> ending = ending(caughtUp);
    end(ending, heads, texts);
    texts.forEach((follower, text) -> offer(streams.get(follower), text));
    ending.forEach(follower -> finish(streams.get(follower)));
    return more;
  }

  private List<Follower> ending(List<Follower> caughtUp) {
    Map<UUID, Head> settled = news.settled(caughtUp);
    return caughtUp.stream()
        .filter(
            follower -> {
              Head head = settled.get(follower.taskId());
              return head != null && follower.hasAllBefore(head);
            })
        .toList();
  }

  private void end(List<Follower> ending, Map<UUID, Head> heads, Map<Follower, EventText> texts) {
    Map<UUID, TaskResult> results = news.results(ending);
    for (Follower follower : ending) {
      Head head = heads.get(follower.taskId());
      EventText text = texts.get(follower);
      if (head != null && text != null) {
        follower.end(head, results.get(follower.taskId()), text);
      }
    }
  }

  private static void offer(@Nullable EventPipe pipe, EventText text) {
    if (pipe != null && !text.isEmpty()) {
      pipe.offer(text.bytes());
    }
  }

  private static void finish(@Nullable EventPipe pipe) {
    if (pipe != null) {
      pipe.finish();
    }
  }
}
