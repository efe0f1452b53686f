package io.aiopslab.tasks.api.follow;

import io.aiopslab.tasks.api.follow.Follower.Item;
import io.aiopslab.tasks.store.TaskNews;
import io.aiopslab.tasks.store.TaskNews.Head;
import io.aiopslab.tasks.store.TaskNews.Mark;
import io.aiopslab.tasks.store.TaskResults;
import io.aiopslab.tasks.task.TaskResult;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * The news of all followed tasks: one query says which have any, and at most four more read them,
 * however many there are. Followers at the same place of a task share its rows.
 */
@Component
class GatherNews {
  private static final int MOST_ROWS = 500;
  private static final long MOST_BYTES = 128 * 1024;

  private final TaskNews news;
  private final TaskResults results;
  private final JsonMapper mapper;

  GatherNews(TaskNews news, TaskResults results, JsonMapper mapper) {
    this.news = news;
    this.results = results;
    this.mapper = mapper;
  }

  Map<UUID, Head> heads(Collection<Follower> followers) {
    return news.heads(taskIds(followers));
  }

  /** Once more, with what is too dear to be asked of all. */
  Map<UUID, Head> settled(Collection<Follower> caughtUp) {
    return caughtUp.isEmpty() ? Map.of() : news.settled(taskIds(caughtUp));
  }

  Map<Mark, List<Item>> logs(Collection<Follower> followers, Map<UUID, Head> heads) {
    Set<Mark> marks = marks(followers, heads, Follower::wantsLogs, Follower::logMark);
    return marks.isEmpty()
        ? Map.of()
        : items(news.logs(marks, MOST_ROWS, MOST_BYTES), line -> line.seq());
  }

  Map<Mark, List<Item>> steps(Collection<Follower> followers, Map<UUID, Head> heads) {
    Set<Mark> marks = marks(followers, heads, Follower::wantsSteps, Follower::stepMark);
    return marks.isEmpty()
        ? Map.of()
        : items(news.steps(marks, MOST_ROWS, MOST_BYTES), step -> step.index());
  }

  Map<UUID, TaskResult> results(Collection<Follower> ending) {
    return ending.isEmpty() ? Map.of() : results.among(taskIds(ending));
  }

  private static Set<UUID> taskIds(Collection<Follower> followers) {
    return followers.stream().map(Follower::taskId).collect(Collectors.toUnmodifiableSet());
  }

  private static Set<Mark> marks(
      Collection<Follower> followers,
      Map<UUID, Head> heads,
      BiPredicate<Follower, Head> wants,
      Function<Follower, Mark> mark) {
    return followers.stream()
        .filter(
            follower -> {
              Head head = heads.get(follower.taskId());
              return head != null && wants.test(follower, head);
            })
        .map(mark)
        .collect(Collectors.toUnmodifiableSet());
  }

  private <T> Map<Mark, List<Item>> items(Map<Mark, List<T>> pages, ToLongFunction<T> place) {
    Map<Mark, List<Item>> items = new HashMap<>();
    pages.forEach(
        (mark, rows) ->
            items.put(
                mark,
                rows.stream()
                    .map(row -> new Item(place.applyAsLong(row), mapper.writeValueAsString(row)))
                    .toList()));
    return items;
  }
}
