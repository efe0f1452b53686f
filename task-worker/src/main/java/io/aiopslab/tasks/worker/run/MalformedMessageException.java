package io.aiopslab.tasks.worker.run;

/** A message of a known type whose fields are not what the protocol says. */
final class MalformedMessageException extends Exception {
  private static final long serialVersionUID = 1;

  MalformedMessageException(String sentence) {
    super(sentence);
  }
}
