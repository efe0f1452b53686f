package io.aiopslab.tasks.api.submit;

import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An absolute http or https URL with a host and without user name or password. */
@Target({ElementType.FIELD, ElementType.PARAMETER})
@Retention(RetentionPolicy.RUNTIME)
@Constraint(validatedBy = HttpUrl.Rule.class)
@interface HttpUrl {
  String message() default
      "must be an absolute http or https URL with a host and without user name or password";

  Class<?>[] groups() default {};

  Class<? extends Payload>[] payload() default {};

  /** Says nothing of an absent value. */
  final class Rule implements ConstraintValidator<HttpUrl, String> {
    private static final Set<String> SCHEMES = Set.of("http", "https");

    @Override
    public boolean isValid(@Nullable String value, ConstraintValidatorContext context) {
      if (value == null) {
        return true;
      }
      try {
        URI url = new URI(value);
        return url.getScheme() != null
            && SCHEMES.contains(url.getScheme().toLowerCase(Locale.ROOT))
            && url.getHost() != null
            && url.getRawUserInfo() == null
            && url.getPort() <= 65535
            && url.getPort() != 0;
      } catch (URISyntaxException e) {
        return false;
      }
    }
  }
}
