package io.aiopslab.tasks.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.aiopslab.tasks.message.Json;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A request made up from a description and a seed, mostly right, usually wrong somewhere. */
record GeneratedRequest(
    String method, String path, Map<String, String> headers, @Nullable Body body) {
  private static final List<String> METHODS =
      List.of("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS");
  private static final List<String> TYPES =
      List.of(
          "text/plain",
          "application/xml",
          "application/x-www-form-urlencoded",
          "multipart/form-data",
          "application/json;charset=utf-16",
          "nonsense");

  private static final List<String> PATHS =
      List.of("/", "/%2e%2e", "/;x=y", "//", "/%00", "/x%2Fy", "/%C3%28", "/tasks/*", "/ü");

  /** Bytes that need not be text. */
  static final class Body {
    private final byte[] bytes;

    Body(byte[] bytes) {
      this.bytes = bytes;
    }
  }

  /** An operation of a description. */
  record Operation(String method, String path, JsonNode description) {
    boolean isEndless() {
      return description.at("/responses/200/content").has("text/event-stream");
    }
  }

  static List<Operation> operations(JsonNode description) {
    List<Operation> operations = new ArrayList<>();
    new TreeMap<>(Map.copyOf(asMap(description.get("paths"))))
        .forEach(
            (path, item) ->
                new TreeMap<>(asMap(item))
                    .forEach(
                        (method, operation) ->
                            operations.add(
                                new Operation(method.toUpperCase(Locale.ROOT), path, operation))));
    return operations;
  }

  private static Map<String, JsonNode> asMap(JsonNode object) {
    Map<String, JsonNode> map = new TreeMap<>();
    object.properties().forEach(entry -> map.put(entry.getKey(), entry.getValue()));
    return map;
  }

  static GeneratedRequest of(
      Operation operation, JsonNode description, List<String> ids, Random random) {
    GeneratedValue values = new GeneratedValue(description, ids, random);
    String method =
        random.nextInt(20) == 0 ? METHODS.get(random.nextInt(METHODS.size())) : operation.method();
    Map<String, String> headers = new TreeMap<>();
    List<String> query = new ArrayList<>();
    String path = operation.path();
    if (random.nextInt(12) == 0) {
      query.add(blankOf(operation, random));
      query.removeIf(String::isEmpty);
    }
    for (JsonNode parameter : operation.description().path("parameters")) {
      String name = parameter.get("name").stringValue();
      String value = values.parameter(parameter);
      switch (parameter.get("in").stringValue()) {
        case "path" -> path = path.replace("{" + name + "}", encode(value.isEmpty() ? "x" : value));
        case "query" -> {
          if (random.nextInt(3) == 0) {
            // "metadata.<key>" stands for a family of names.
            query.add(encode(name.replace("<key>", "team")) + "=" + encode(value));
          }
        }
        default -> headers.put(name, value.replaceAll("[^ -~]", "?"));
      }
    }
    if (random.nextInt(15) == 0) {
      query.add(encode(values.weirdText()) + "=" + encode(values.weirdText()));
    }
    if (random.nextInt(20) == 0) {
      path += PATHS.get(random.nextInt(PATHS.size())).replace("ü", "%C3%BC");
    }
    if (random.nextInt(15) == 0) {
      headers.put("Accept", random.nextBoolean() ? "text/csv" : "*/*;q=0.1, application/json");
    }
    if (random.nextInt(15) == 0) {
      headers.put("X-Request-Id", values.weirdText().replaceAll("[^ -~]", "?"));
    }
    if (random.nextInt(15) == 0) {
      headers.put("If-None-Match", random.nextBoolean() ? "*" : "W/\"x\", broken");
    }
    return new GeneratedRequest(
        method,
        query.isEmpty() ? path : path + "?" + String.join("&", query),
        headers,
        body(operation, values, random, headers));
  }

  /** A parameter of the call without a value; nothing if it has none. */
  private static String blankOf(Operation operation, Random random) {
    List<String> names =
        operation
            .description()
            .path("parameters")
            .valueStream()
            .filter(parameter -> parameter.get("in").stringValue().equals("query"))
            .map(parameter -> parameter.get("name").stringValue())
            .filter(name -> !name.contains("<"))
            .toList();
    return names.isEmpty() ? "" : encode(names.get(random.nextInt(names.size()))) + "=";
  }

  private static @Nullable Body body(
      Operation operation, GeneratedValue values, Random random, Map<String, String> headers) {
    JsonNode schema = operation.description().at("/requestBody/content/application~1json/schema");
    if (schema.isMissingNode()) {
      return random.nextInt(20) == 0 ? new Body("{}".getBytes(UTF_8)) : null;
    }
    headers.put(
        "Content-Type",
        random.nextInt(15) == 0 ? TYPES.get(random.nextInt(TYPES.size())) : "application/json");
    JsonNode value = values.of(schema);
    if (value instanceof ObjectNode object && random.nextInt(10) == 0) {
      object.set(values.weirdText(), values.weird());
    }
    byte[] body = Json.mapper().writeValueAsBytes(random.nextInt(20) == 0 ? values.weird() : value);
    if (random.nextInt(20) == 0 && body.length > 0) {
      body[random.nextInt(body.length)] = (byte) random.nextInt(256);
    }
    return new Body(
        random.nextInt(30) == 0 ? java.util.Arrays.copyOf(body, body.length / 2) : body);
  }

  HttpRequest.Builder http(RunningApi api) {
    URI uri = URI.create(api.url("/").toString().replaceFirst("/$", "") + path);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .method(
                method,
                body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body.bytes));
    headers.forEach(request::header);
    return request;
  }

  /** See {@link Contract#broken}. */
  @Nullable String brokenPartOf(Contract contract) {
    int mark = path.indexOf('?');
    return contract.broken(
        method,
        mark < 0 ? path : path.substring(0, mark),
        mark < 0 ? "" : path.substring(mark + 1),
        body == null ? null : body.bytes);
  }

  @Override
  public String toString() {
    String text = body == null ? "" : new String(body.bytes, UTF_8);
    return method
        + " "
        + path
        + " "
        + headers
        + " "
        + text.substring(0, Math.min(500, text.length()));
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, UTF_8).replace("+", "%20");
  }
}
