package io.aiopslab.tasks.task;

/** What became of an attempt to change a task's status. */
public enum Transition {
  /** The row was in the expected state and has been changed. */
  APPLIED,
  /** The row had moved on, or belongs to another session: nothing was changed. */
  STALE,
  /** There is no such task. */
  UNKNOWN
}
