package io.aiopslab.tasks.api.web;

import java.math.BigInteger;
import java.time.Instant;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.std.DelegatingDeserializer;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.module.SimpleModule;

/** Values as parameters are read too: ids and times in one form, integers of any size. */
final class StrictValues extends SimpleModule {
  private static final long serialVersionUID = 1;

  StrictValues() {
    super("strict values");
    addDeserializer(String.class, new Text<>(String.class, text -> text));
    addDeserializer(UUID.class, new Text<>(UUID.class, ExpectedValue::uuid));
    addDeserializer(Instant.class, new Text<>(Instant.class, ExpectedValue::instant));
    addDeserializer(
        Integer.class,
        new Whole<>(Integer.class, Integer.MIN_VALUE, Integer.MAX_VALUE, BigInteger::intValue));
    addDeserializer(
        Long.class, new Whole<>(Long.class, Long.MIN_VALUE, Long.MAX_VALUE, BigInteger::longValue));
    setDeserializerModifier(new NamesOnly());
  }

  /** A number is no name of a constant, nor its place. */
  private static final class NamesOnly extends ValueDeserializerModifier {
    private static final long serialVersionUID = 1;

    @Override
    public ValueDeserializer<?> modifyEnumDeserializer(
        DeserializationConfig config,
        JavaType type,
        BeanDescription.Supplier description,
        ValueDeserializer<?> deserializer) {
      return new Name(deserializer);
    }
  }

  private static final class Name extends DelegatingDeserializer {
    Name(ValueDeserializer<?> byName) {
      super(byName);
    }

    @Override
    protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> byName) {
      return new Name(byName);
    }

    @Override
    public Object deserialize(JsonParser parser, DeserializationContext context) {
      return parser.currentToken() == JsonToken.VALUE_STRING
          ? super.deserialize(parser, context)
          : context.handleUnexpectedToken(context.constructType(handledType()), parser);
    }
  }

  private static final class Text<T> extends StdDeserializer<T> {
    private final Class<T> type;
    private final Function<String, T> read;

    Text(Class<T> type, Function<String, T> read) {
      super(type);
      this.type = type;
      this.read = read;
    }

    @Override
    public @Nullable T deserialize(JsonParser parser, DeserializationContext context) {
      if (parser.currentToken() == JsonToken.VALUE_STRING) {
        try {
          return read.apply(parser.getString());
        } catch (java.time.DateTimeException | IllegalArgumentException e) {
          return type.cast(
              context.handleWeirdStringValue(type, parser.getString(), "another form"));
        }
      }
      return type.cast(context.handleUnexpectedToken(context.constructType(type), parser));
    }
  }

  /**
   * A whole number. One beyond an {@code int} is as far out of range as that can be: then the
   * field's own rule says what it may be. Beyond 64 bits there is nothing that could be meant.
   */
  private static final class Whole<T> extends StdDeserializer<T> {
    private final Class<T> type;
    private final BigInteger smallest;
    private final BigInteger largest;
    private final Function<BigInteger, T> narrow;

    Whole(Class<T> type, long smallest, long largest, Function<BigInteger, T> narrow) {
      super(type);
      this.type = type;
      this.smallest = BigInteger.valueOf(smallest);
      this.largest = BigInteger.valueOf(largest);
      this.narrow = narrow;
    }

    @Override
    public @Nullable T deserialize(JsonParser parser, DeserializationContext context) {
      if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
        return type.cast(context.handleUnexpectedToken(context.constructType(type), parser));
      }
      BigInteger number = parser.getBigIntegerValue();
      if (type == Long.class && number.bitLength() > 63) {
        CollectMistakes.add(context, "range", "must be an integer of 64 bits");
        return null;
      }
      return narrow.apply(number.max(smallest).min(largest));
    }
  }
}
