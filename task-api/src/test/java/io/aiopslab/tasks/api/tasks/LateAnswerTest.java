package io.aiopslab.tasks.api.tasks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.web.context.request.async.DeferredResult;

class LateAnswerTest {
  @Test
  void whateverIsThrownIsAnswered() {
    for (Throwable thrown : List.of(new IllegalStateException("x"), new StackOverflowError())) {
      DeferredResult<String> result = new DeferredResult<>();
      LateAnswer.give(
          result,
          () -> {
            if (thrown instanceof Error error) {
              throw error;
            }
            throw (RuntimeException) thrown;
          });
      assertThat(result.getResult()).isSameAs(thrown);
    }
  }

  @Test
  void anAnswerIsGiven() {
    DeferredResult<String> result = new DeferredResult<>();
    LateAnswer.give(result, () -> "done");
    assertThat(result.getResult()).isEqualTo("done");
  }
}
