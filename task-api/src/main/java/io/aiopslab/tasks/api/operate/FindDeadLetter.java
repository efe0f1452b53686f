package io.aiopslab.tasks.api.operate;

import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.store.DeadLetters;
import io.aiopslab.tasks.store.DeadLetters.Letter;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** A dead letter by its id, or the problem that there is none. */
@Component
class FindDeadLetter {
  private static final String ID = "[0-9a-fA-F]{64}";

  private final DeadLetters letters;

  FindDeadLetter(DeadLetters letters) {
    this.letters = letters;
  }

  /**
   * @throws Refusal if there is no such letter
   */
  Letter find(String id) {
    return look(id)
        .orElseThrow(
            () ->
                Refusal.notFound(
                    "dead_letter_not_found",
                    "There is no dead letter %s; GET /api/v1/dead-letters lists those that exist."
                        .formatted(id)));
  }

  /**
   * @throws Refusal if the place in the list that {@code after} names does not exist
   */
  String place(String after) {
    return look(after)
        .map(Letter::id)
        .orElseThrow(
            () -> Refusal.badParameter("after", "format", "must be next of the page before"));
  }

  private Optional<Letter> look(String id) {
    return id.matches(ID) ? letters.find(id) : Optional.empty();
  }
}
