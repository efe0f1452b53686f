package io.aiopslab.tasks.api.web;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A record that is read from a bounded body, without coercion, and then validated. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface StrictBody {
  /** The most bytes that the body may have: whole KiB. */
  int most() default 1 << 20;

  /** What to do about one that has more, as the end of a sentence. */
  String ifLarger() default "split what you send over calls";

  /** Levels below its root. What workers report is wrapped a few deeper before it is read again. */
  int deepest() default 100;

  /** The members that it must have, for who sends none. */
  String required() default "";

  /**
   * What becomes of halves of surrogate pairs, which nothing can store: in a report, which is of
   * what has happened, they become U+FFFD; what somebody asks for is refused, as is U+0000.
   */
  boolean mended() default true;

  /** Of the refusal. */
  String code() default "invalid_body";

  /** What to do once the fields are corrected. */
  String then() default "send the request again";

  /** How many mistakes are told. */
  int mostDetails() default 100;
}
