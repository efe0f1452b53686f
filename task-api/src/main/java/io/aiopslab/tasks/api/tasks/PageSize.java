package io.aiopslab.tasks.api.tasks;

/** What a page may hold at most, besides its number of rows. */
final class PageSize {
  /** A single row that is larger still comes, alone. */
  static final long MOST_BYTES = 4L * 1024 * 1024;

  private PageSize() {}
}
