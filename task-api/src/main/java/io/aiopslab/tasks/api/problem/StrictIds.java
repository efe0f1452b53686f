package io.aiopslab.tasks.api.problem;

import java.beans.PropertyEditorSupport;
import java.util.UUID;
import java.util.regex.Pattern;
import org.springframework.web.bind.WebDataBinder;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.InitBinder;

/**
 * Ids as RFC 9562 writes them; Java would also read {@code 1-1-1-1-1}. An editor beside the
 * converter, because Spring falls back on its own editor where a converter refuses.
 */
@ControllerAdvice
class StrictIds {
  private static final Pattern FORM =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  @InitBinder
  void registerEditor(WebDataBinder binder) {
    binder.registerCustomEditor(UUID.class, new Editor());
  }

  /**
   * @throws IllegalArgumentException if it has another form
   */
  static UUID parse(String text) {
    if (!FORM.matcher(text).matches()) {
      throw new IllegalArgumentException("not a UUID");
    }
    return UUID.fromString(text);
  }

  private static final class Editor extends PropertyEditorSupport {
    @Override
    public void setAsText(String text) {
      setValue(parse(text));
    }
  }
}
