package io.aiopslab.tasks.worker.cluster;

/** A cluster takes no runs; the message says why, and what to do. */
public final class ClusterUnusableException extends Exception {
  private static final long serialVersionUID = 1;

  ClusterUnusableException(String sentence) {
    super(sentence);
  }

  public String sentence() {
    return String.valueOf(getMessage());
  }
}
