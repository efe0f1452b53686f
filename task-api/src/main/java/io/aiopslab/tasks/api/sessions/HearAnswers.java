package io.aiopslab.tasks.api.sessions;

import io.aiopslab.tasks.message.StepAnswer;
import io.aiopslab.tasks.message.UnreadableMessageException;
import io.aiopslab.tasks.store.SessionActions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageListener;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/** Keeps an answer, then wakes those who wait for it. What is lost here is asked for again. */
@Component
class HearAnswers implements MessageListener {
  private static final Logger log = LoggerFactory.getLogger(HearAnswers.class);

  private final SessionActions actions;
  private final AnswerWaits waits;

  HearAnswers(SessionActions actions, AnswerWaits waits) {
    this.actions = actions;
    this.waits = waits;
  }

  @Override
  public void onMessage(Message message) {
    try {
      StepAnswer answer = StepAnswer.fromBytes(message.getBody());
      if (actions.answer(answer)) {
        waits.answer(answer.taskId(), answer.index(), StepView.of(answer));
      }
    } catch (UnreadableMessageException e) {
      log.warn("Left alone what is no answer to a step: {}", e.getMessage());
    } catch (DataAccessException | TransactionException e) {
      log.debug("An answer cannot be kept now; it will be asked for again", e);
    }
  }
}
