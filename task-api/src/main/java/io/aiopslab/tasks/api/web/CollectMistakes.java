package io.aiopslab.tasks.api.web;

import java.util.Collection;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.DeserializationProblemHandler;
import tools.jackson.databind.deser.ValueInstantiator;

/** Notes a mistake of a body and reads on, as if the member were not there. */
final class CollectMistakes extends DeserializationProblemHandler {
  /** Of the reader: the {@link Violations} of what it reads. */
  static final Object VIOLATIONS = Violations.class;

  static void add(DeserializationContext context, String rule, String message) {
    violations(context).addFirst(place(context), rule, message);
  }

  private static Violations violations(DeserializationContext context) {
    return (Violations) context.getAttribute(VIOLATIONS);
  }

  private static String place(DeserializationContext context) {
    return JsonPath.of(context.getParser().streamReadContext());
  }

  private static @Nullable Object wrongType(DeserializationContext context, Class<?> type) {
    add(context, "type", ExpectedValue.of(type));
    return null;
  }

  /** Told at the end of the record, of what was put aside until then. */
  @Override
  public boolean handleUnknownProperty(
      DeserializationContext context,
      JsonParser parser,
      @Nullable ValueDeserializer<?> deserializer,
      Object bean,
      String name) {
    Collection<Object> known = deserializer == null ? null : deserializer.getKnownPropertyNames();
    violations(context)
        .addFirst(
            JsonPath.member(place(context), name),
            "unknown",
            "is not a field here; there are "
                + (known == null
                    ? "none"
                    : known.stream()
                        .map(String::valueOf)
                        .sorted()
                        .collect(Collectors.joining(", "))));
    parser.skipChildren();
    return true;
  }

  @Override
  public @Nullable Object handleUnexpectedToken(
      DeserializationContext context,
      JavaType type,
      JsonToken token,
      JsonParser parser,
      @Nullable String message) {
    wrongType(context, type.getRawClass());
    parser.skipChildren();
    return null;
  }

  @Override
  public @Nullable Object handleMissingInstantiator(
      DeserializationContext context,
      Class<?> type,
      ValueInstantiator instantiator,
      JsonParser parser,
      @Nullable String message) {
    wrongType(context, type);
    parser.skipChildren();
    return null;
  }

  @Override
  public @Nullable Object handleWeirdStringValue(
      DeserializationContext context, Class<?> type, String value, @Nullable String message) {
    return wrongType(context, type);
  }

  @Override
  public @Nullable Object handleWeirdNumberValue(
      DeserializationContext context, Class<?> type, Number value, @Nullable String message) {
    return wrongType(context, type);
  }

  /** The value's own rule, without the name of its class. */
  @Override
  public @Nullable Object handleInstantiationProblem(
      DeserializationContext context, Class<?> type, @Nullable Object argument, Throwable failure) {
    String rule = failure instanceof IllegalArgumentException ? failure.getMessage() : null;
    add(context, "format", rule == null ? "has the wrong form" : rule);
    return null;
  }
}
