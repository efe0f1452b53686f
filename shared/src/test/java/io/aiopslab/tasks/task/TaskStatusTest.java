package io.aiopslab.tasks.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TaskStatusTest {
  /** The whole table, written down a second time on purpose. */
  private static final Set<List<TaskStatus>> LEGAL =
      Set.of(
          List.of(TaskStatus.PENDING, TaskStatus.RUNNING),
          List.of(TaskStatus.PENDING, TaskStatus.CANCELLED),
          List.of(TaskStatus.RUNNING, TaskStatus.PENDING),
          List.of(TaskStatus.RUNNING, TaskStatus.COMPLETED),
          List.of(TaskStatus.RUNNING, TaskStatus.FAILED),
          List.of(TaskStatus.RUNNING, TaskStatus.CANCELLED));

  @ParameterizedTest
  @EnumSource
  void becomesWhatTheTableAllowsAndNothingElse(TaskStatus from) {
    for (TaskStatus to : TaskStatus.values()) {
      assertThat(from.canBecome(to))
          .as("%s to %s", from, to)
          .isEqualTo(LEGAL.contains(List.of(from, to)));
    }
  }

  @ParameterizedTest
  @EnumSource
  void isTerminalExactlyWhenNothingFollows(TaskStatus status) {
    boolean isLast = Arrays.stream(TaskStatus.values()).noneMatch(status::canBecome);
    assertThat(status.isTerminal()).isEqualTo(isLast);
  }

  @ParameterizedTest
  @EnumSource
  void survivesTheWire(TaskStatus status) {
    assertThat(TaskStatus.fromWire(status.wire())).isEqualTo(status);
    assertThat(status.wire()).isLowerCase();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "done", "pending "})
  void refusesOtherWords(String wire) {
    assertThatThrownBy(() -> TaskStatus.fromWire(wire))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
