package io.aiopslab.tasks.loop;

import java.io.IOException;
import org.springframework.amqp.AmqpException;
import org.springframework.dao.NonTransientDataAccessResourceException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.transaction.TransactionException;

/** Tells a server that is away, which passes, from a defect, which somebody has to mend. */
public final class Outage {
  private Outage() {}

  /**
   * @return false for SQL that is wrong, rights that are missing, and whatever else no patience
   *     helps against
   */
  public static boolean isOne(Throwable e) {
    return e instanceof TransientDataAccessException
        || e instanceof RecoverableDataAccessException
        || e instanceof NonTransientDataAccessResourceException
        || e instanceof TransactionException
        || e instanceof AmqpException
        || e instanceof IOException
        || e instanceof InterruptedException;
  }
}
