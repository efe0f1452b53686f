package io.aiopslab.tasks.api.body;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A record that is read from a bounded body, without coercion, and then validated. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface StrictBody {

  /** The most bytes that the body may have: whole MiB. */
  int most() default 1 << 20;

  /** What to do about one that has more, as the end of a sentence. */
  String ifLarger() default "split what you send over calls";
}
