package io.aiopslab.tasks.api;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import io.aiopslab.tasks.message.Json;
import java.net.URI;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The served description, held against what was really answered. Objects are taken as closed: a
 * member that is not described is a lie of the description too.
 */
public final class Contract {
  private static final String PROBLEM = "application/problem+json";

  private static final Pattern JAVA =
      Pattern.compile(
          "\\b(java|tools\\.jackson|io\\.aiopslab|org\\.\\w+)\\.\\w|Exception\\b|eserializ");

  private final JsonNode description;
  private final ObjectNode closed;
  private final SchemaRegistry registry =
      SchemaRegistry.withDefaultDialect(Dialects.getOpenApi31());
  private final Map<String, Schema> schemas = new ConcurrentHashMap<>();

  Contract(JsonNode description) {
    this.description = description;
    this.closed = (ObjectNode) description.get("components").deepCopy();
    closed
        .get("schemas")
        .forEach(
            schema -> {
              if (schema.has("properties") && !schema.has("additionalProperties")) {
                ((ObjectNode) schema).put("additionalProperties", false);
              }
              schema.path("properties").forEach(Contract::splitBounds);
            });
  }

  /** The validator fails where a number with bounds may be null; null has no bounds. */
  private static void splitBounds(JsonNode member) {
    if (member.path("type").isArray() && (member.has("minimum") || member.has("maximum"))) {
      ObjectNode whole = (ObjectNode) member;
      ObjectNode number = whole.deepCopy();
      number.put("type", member.get("type").get(0).stringValue());
      whole.removeAll();
      whole.putArray("anyOf").add(number).addObject().put("type", "null");
    }
  }

  JsonNode description() {
    return description;
  }

  /**
   * @throws AssertionError if the description does not allow this answer
   */
  void check(
      String method, URI uri, int status, @Nullable String contentType, @Nullable String body) {
    String path = uri.getRawPath();
    if (!path.startsWith("/api/")) {
      return;
    }
    String what = method + " " + uri + " answered " + status + ": " + body;
    String type = contentType == null ? "" : contentType.replaceFirst(";.*", "").strip();
    Optional<JsonNode> operation = operation(method, path);
    if (type.equals(PROBLEM) && body != null) {
      demand(!JAVA.matcher(body).find(), "a problem speaks of Java; " + what);
    }
    if (operation.isEmpty()) {
      checkUndescribed(method, status, type, body, what);
      return;
    }
    JsonNode response = operation.get().get("responses").get(Integer.toString(status));
    demand(response != null, "this status is not described; " + what);
    JsonNode content = response.path("content");
    if (content.isEmpty()) {
      demand(body == null || body.isEmpty(), "no body is described; " + what);
    } else if (!method.equals("HEAD")) {
      demand(content.has(type), "the content type " + type + " is not described; " + what);
      if (type.equals("application/x-ndjson") && body != null) {
        body.lines().forEach(line -> checkBody(content.get(type).get("schema"), line, what));
      } else if (type.endsWith("json") && body != null) {
        checkBody(content.get(type).get("schema"), body, what);
      }
    }
  }

  /** Whatever is not there, or does not take the method, is answered with a problem. */
  private void checkUndescribed(
      String method, int status, String type, @Nullable String body, String what) {
    demand(
        (status >= 400 && status < 500) || status == 503 || method.equals("OPTIONS"),
        "nothing is described for this; " + what);
    if (status >= 400 && !method.equals("HEAD") && body != null) {
      demand(type.equals(PROBLEM), "an error is no problem; " + what);
      JsonNode reference =
          Json.mapper().createObjectNode().put("$ref", "#/components/schemas/Problem");
      checkBody(reference, body, what);
    }
  }

  /**
   * What a request breaks of the description in a way that a good answer would hide: a method that
   * its path has not, a parameter without a value, a body of another shape. Null if nothing.
   *
   * @param query as it is sent
   */
  @Nullable String broken(String method, String path, String query, byte @Nullable [] body) {
    if (!path.matches("[A-Za-z0-9/_.-]+") || method.equals("OPTIONS")) {
      return null;
    }
    Optional<JsonNode> item = item(path);
    if (item.isEmpty()) {
      return null;
    }
    String described = method.equals("HEAD") ? "get" : method.toLowerCase(Locale.ROOT);
    JsonNode operation = item.get().get(described);
    if (operation == null) {
      return "method";
    }
    for (JsonNode parameter : operation.path("parameters")) {
      String name = parameter.get("name").stringValue();
      if (parameter.get("in").stringValue().equals("query")
          && ("&" + query + "&").contains("&" + name + "=&")) {
        return "blank";
      }
    }
    JsonNode schema = operation.at("/requestBody/content/application~1json/schema");
    return body == null || schema.isMissingNode() || fits(schema, body) ? null : "body";
  }

  /** Whether it is no JSON does not matter here: it cannot be accepted. */
  private boolean fits(JsonNode schema, byte[] body) {
    try {
      JsonNode value = Json.mapper().readTree(body);
      return schemas
          .computeIfAbsent(schema.toString(), text -> schema(schema))
          .validate(value)
          .isEmpty();
    } catch (JacksonException e) {
      return true;
    }
  }

  private void checkBody(JsonNode schema, String body, String what) {
    JsonNode value;
    try {
      value = Json.mapper().readTree(body);
    } catch (JacksonException e) {
      throw new AssertionError("this is no JSON; " + what, e);
    }
    List<Error> errors =
        schemas.computeIfAbsent(schema.toString(), text -> schema(schema)).validate(value);
    demand(errors.isEmpty(), errors + "; " + what);
  }

  private Schema schema(JsonNode schema) {
    ObjectNode root = (ObjectNode) schema.deepCopy();
    root.set("components", closed);
    return registry.getSchema(root);
  }

  /** The most literal path first, as the server matches. */
  private Optional<JsonNode> operation(String method, String path) {
    String described = method.equals("HEAD") ? "get" : method.toLowerCase(Locale.ROOT);
    return item(path).map(item -> item.get(described));
  }

  private Optional<JsonNode> item(String path) {
    return description.get("paths").properties().stream()
        .filter(entry -> pattern(entry.getKey()).matcher(path).matches())
        .sorted(Comparator.comparing(entry -> entry.getKey().replace("{", "\uffff")))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  private static Pattern pattern(String template) {
    return Pattern.compile(Pattern.quote(template).replaceAll("\\{[^}]*}", "\\\\E[^/]+\\\\Q"));
  }

  private static void demand(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
