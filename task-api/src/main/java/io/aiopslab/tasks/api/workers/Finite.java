package io.aiopslab.tasks.api.workers;

import static java.lang.annotation.ElementType.TYPE_USE;
import static java.lang.annotation.RetentionPolicy.RUNTIME;

import jakarta.validation.Constraint;
import jakarta.validation.Payload;
import jakarta.validation.ReportAsSingleViolation;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.NotNull;
import java.lang.annotation.Retention;
import java.lang.annotation.Target;

/** A number that JSON can say again: {@code 1e400} is read as an infinite one. */
@NotNull
@DecimalMin("-1.7976931348623157E308")
@DecimalMax("1.7976931348623157E308")
@ReportAsSingleViolation
@Constraint(validatedBy = {})
@Target(TYPE_USE)
@Retention(RUNTIME)
@interface Finite {
  String message() default "must be a number that a double can hold";

  Class<?>[] groups() default {};

  Class<? extends Payload>[] payload() default {};
}
