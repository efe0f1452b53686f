package io.aiopslab.tasks.api.web;

import java.beans.PropertyEditorSupport;
import java.util.UUID;
import org.springframework.web.bind.WebDataBinder;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.InitBinder;

/** Beside the converter, because Spring falls back on its own editor where a converter refuses. */
@ControllerAdvice
class StrictIds {
  @InitBinder
  void registerEditor(WebDataBinder binder) {
    binder.registerCustomEditor(UUID.class, new Editor());
  }

  private static final class Editor extends PropertyEditorSupport {
    @Override
    public void setAsText(String text) {
      setValue(ExpectedValue.uuid(text));
    }
  }
}
