package io.trainyard.attack;

import io.trainyard.Http;
import java.math.BigInteger;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Makes requests that are wrong in one or a few places. The same seed makes the same requests. */
final class Mutations {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final BigInteger HUGE = new BigInteger("9".repeat(309));
  private static final int MAX_COPIES = 2_000;

  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "0",
          "-1",
          "1.5",
          "NaN",
          "null",
          "true",
          "latest",
          "production",
          "iris",
          "%",
          "%zz",
          "../..",
          "a/b",
          "\u0000",
          "é",
          "😀",
          "9".repeat(400),
          "x".repeat(70_000),
          "'; DROP TABLE model; --",
          "${jndi:ldap://x}",
          "2147483648",
          "9223372036854775808",
          "00000000-0000-0000-0000-000000000000",
          "*",
          "a,b,c",
          "{\"x\":1}",
          "[",
          "\r\n");

  private static final Map<String, List<String>> HEADERS =
      Map.of(
          "Accept",
              List.of("*/*", "image/png", "application/x-npy", "text/csv", "x", "a/b;q=z", ""),
          "Content-Type",
              List.of(
                  "*/*",
                  "application/*",
                  "text/csv",
                  "application/json",
                  "x",
                  "",
                  "multipart/*",
                  "application/json; charset=utf-16",
                  "application/x-npy",
                  "multipart/form-data",
                  "multipart/form-data; boundary=",
                  "multipart/form-data; boundary=x"),
          "Range",
              List.of("bytes=0-1", "bytes=0-1,2-3", "bytes=5-1", "bytes=-", "x", "bytes=99999999-"),
          "If-Match", List.of("*", "\"a\"", "a,b", "W/\"x\"", ","),
          "If-None-Match", List.of("*", "\"a\"", "W/\"x\", \"y\"", "x"),
          "If-Modified-Since", List.of("yesterday", "Thu, 01 Jan 1970 00:00:00 GMT"),
          "Idempotency-Key", List.of("k", "", "x".repeat(300), "\"q\"", "é"),
          "Last-Event-ID", List.of("-1", "99999999999", "x", "1"),
          "Content-Encoding", List.of("gzip", "x"),
          "Transfer-Encoding", List.of("x"));

  private final RandomGenerator random;

  Mutations(RandomGenerator random) {
    this.random = random;
  }

  /** A request to an operation, with a name. */
  Request of(Operations.Operation operation, String name) {
    Map<String, String> headers = new LinkedHashMap<>();
    if (!operation.contentType().isEmpty()) {
      headers.put("Content-Type", operation.contentType());
    }
    if (random.nextInt(3) == 0) {
      String header = pick(HEADERS.keySet().stream().sorted().toList());
      headers.put(header, pick(HEADERS.getOrDefault(header, List.of(""))));
    }
    byte[] body =
        operation.contentType().startsWith("multipart/")
            ? multipart(operation, headers)
            : body(operation.body());
    String method =
        random.nextInt(40) == 0
            ? pick(List.of("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"))
            : operation.method();
    return new Request(name, method, target(operation), headers, Request.Body.of(body), true);
  }

  private String target(Operations.Operation operation) {
    StringBuilder query = new StringBuilder();
    String path = operation.path();
    for (var example : operation.examples().entrySet()) {
      String place = "{" + example.getKey() + "}";
      if (path.contains(place)) {
        path = path.replace(place, encoded(parameter(example.getValue())));
      }
    }
    for (String name : operation.query()) {
      String example = operation.examples().get(name);
      if (example != null || random.nextInt(4) == 0) {
        add(query, name, parameter(example == null ? pick(TEXTS) : example));
      }
    }
    if (random.nextInt(20) == 0) {
      add(query, pick(TEXTS), pick(TEXTS));
    }
    return path + query;
  }

  private String parameter(String example) {
    return random.nextInt(4) == 0 ? pick(TEXTS) : example;
  }

  private static void add(StringBuilder query, String name, String text) {
    query.append(query.isEmpty() ? '?' : '&').append(encoded(name)).append('=');
    query.append(encoded(text));
  }

  private static String encoded(String text) {
    String shortened = text.length() > 2_000 ? text.substring(0, 2_000) : text;
    return URLEncoder.encode(shortened, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private byte[] multipart(Operations.Operation operation, Map<String, String> headers) {
    headers.putIfAbsent("Content-Type", "");
    if (headers.get("Content-Type").equals(operation.contentType())) {
      headers.put("Content-Type", "multipart/form-data; boundary=x");
    }
    StringBuilder text = new StringBuilder();
    for (var part : operation.body().properties()) {
      String json = new String(body(part.getValue()), StandardCharsets.UTF_8);
      text.append("--x\r\nContent-Disposition: form-data; name=\"").append(part.getKey());
      text.append("\"\r\n\r\n").append(json).append("\r\n");
    }
    return damaged(Http.utf8(text.append("--x--\r\n").toString()));
  }

  private byte[] body(JsonNode example) {
    if (example.isMissingNode()) {
      return random.nextInt(10) == 0 ? Http.utf8(pick(TEXTS)) : new byte[0];
    }
    if (example.isString()) {
      return damaged(Http.utf8(example.stringValue()));
    }
    JsonNode changed = example.deepCopy();
    for (int i = random.nextInt(4); i > 0; i--) {
      changed = changed(changed);
    }
    return damaged(Http.utf8(changed.toString()));
  }

  /** The value with one change at a place below it, or another value. */
  JsonNode changed(JsonNode root) {
    List<JsonNode> containers = new ArrayList<>();
    collect(root, containers);
    if (containers.isEmpty() || random.nextInt(50) == 0) {
      return other();
    }
    switch (pick(containers)) {
      case ObjectNode object -> change(object);
      case ArrayNode array -> change(array);
      default -> throw new IllegalStateException("not a container");
    }
    return root;
  }

  private static void collect(JsonNode node, List<JsonNode> containers) {
    if (node.isContainer() && node.size() > 0) {
      containers.add(node);
      node.forEach(child -> collect(child, containers));
    }
  }

  private void change(ObjectNode object) {
    String member = pick(List.copyOf(object.propertyNames()));
    JsonNode old = object.get(member);
    switch (random.nextInt(5)) {
      case 0 -> object.remove(member);
      case 1 -> object.set(pick(TEXTS), old);
      case 2 -> object.set(member, JSON.arrayNode().add(old));
      case 3 -> object.set(pick(List.copyOf(object.propertyNames())), old.deepCopy());
      default -> object.set(member, other());
    }
  }

  private void change(ArrayNode array) {
    int index = random.nextInt(array.size());
    JsonNode old = array.get(index);
    switch (random.nextInt(4)) {
      case 0 -> array.remove(index);
      case 1 -> {
        int copies = 1 + random.nextInt(MAX_COPIES) / (1 + old.size());
        for (int i = 0; i < copies; i++) {
          array.add(old.deepCopy());
        }
      }
      case 2 -> array.set(index, array.deepCopy());
      default -> array.set(index, other());
    }
  }

  private JsonNode other() {
    return switch (random.nextInt(14)) {
      case 0 -> JSON.nullNode();
      case 1 -> JSON.booleanNode(random.nextBoolean());
      case 2 -> JSON.numberNode(0);
      case 3 -> JSON.numberNode(-1);
      case 4 -> JSON.numberNode(HUGE);
      case 5 -> JSON.numberNode(HUGE.negate().multiply(HUGE));
      case 6 -> JSON.numberNode(Long.MAX_VALUE);
      case 7 -> JSON.numberNode(Integer.MAX_VALUE);
      case 8 -> JSON.numberNode(pick(List.of(1e-320, 1e308, 0.5, -0.0, 1e18)));
      case 9 -> JSON.arrayNode();
      case 10 -> JSON.objectNode();
      case 11 -> nested(random.nextInt(80));
      default -> JSON.stringNode(pick(TEXTS));
    };
  }

  private static JsonNode nested(int depth) {
    JsonNode node = JSON.numberNode(1);
    for (int i = 0; i < depth; i++) {
      node = JSON.arrayNode().add(node);
    }
    return node;
  }

  /** Mostly unchanged; else cut, doubled, or with one other byte. */
  private byte[] damaged(byte[] bytes) {
    if (bytes.length == 0 || random.nextInt(6) > 0) {
      return bytes;
    }
    int at = random.nextInt(bytes.length);
    byte[] changed = bytes.clone();
    switch (random.nextInt(3)) {
      case 0 -> {
        return Arrays.copyOf(bytes, at);
      }
      case 1 -> changed[at] = (byte) random.nextInt(256);
      default -> System.arraycopy(bytes, 0, changed, at, bytes.length - at);
    }
    return changed;
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
