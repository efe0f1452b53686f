package io.aiopslab.tasks.api.web;

/** What a filter may ask of a text such as a problem's id: anything that can be stored. */
public final class FilterText {
  public static final String PATTERN = "[^\\x00]{1,200}";
  public static final String RULE = "must have 1 to 200 characters, none of them U+0000";

  private FilterText() {}
}
