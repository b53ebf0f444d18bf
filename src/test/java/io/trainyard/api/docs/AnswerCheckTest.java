package io.trainyard.api.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.trainyard.Http;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/** A test fails when an answer is not what the document says. */
class AnswerCheckTest {
  private static final String DOCUMENT =
      """
      {"paths": {
        "/things/{thing}": {"get": {"responses": {"200": {
          "headers": {"ETag": {"required": true, "schema": {"type": "string"}},
            "Age": {"required": false, "schema": {"type": "integer"}}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}}}},
        "/things/all": {"get": {"responses": {"200": {
          "content": {"text/csv": {"schema": {"type": "string"}}}}}}},
        "/things/{thing}/events": {"get": {"responses": {"200": {
          "content": {"text/event-stream": {"schema": {"type": "string"},
            "x-events": {"made": {"$ref": "#/components/schemas/Thing"}}}}}}}}},
       "components": {"schemas": {"Thing": {
         "type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}}}}\
      """;

  private HttpServer server;
  private Http http;

  private int status = 200;
  private Map<String, String> headers =
      Map.of("Content-Type", "application/json", "ETag", "\"1\"", "Age", "3");
  private String body = "{\"id\": 1}";

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] bytes = Http.utf8(body);
          headers.forEach(exchange.getResponseHeaders()::set);
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    http =
        new Http(
            server.getAddress().getPort(), new AnswerCheck(new JsonMapper().readTree(DOCUMENT)));
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void documentedAnswerIsRight() {
    assertThat(http.get("/things/1?wait=2").status()).isEqualTo(200);
    assertThat(http.get("/another/page").status()).isEqualTo(200);
  }

  private static Stream<Arguments> faults() {
    Map<String, String> json = Map.of("Content-Type", "application/json", "ETag", "\"1\"");
    return Stream.of(
        Arguments.of("a wrong status", "/things/1", 201, json, "{\"id\": 1}", "not documented"),
        Arguments.of("a missing member", "/things/1", 200, json, "{}", "required property 'id'"),
        Arguments.of("a wrong type", "/things/1", 200, json, "{\"id\": \"1\"}", "integer expected"),
        Arguments.of("no header", "/things/1", 200, without(json), "{\"id\": 1}", "without ETag"),
        Arguments.of("no number", "/things/1", 200, with(json, "Age", "x"), "{\"id\": 1}", "Age"),
        Arguments.of(
            "an unknown header", "/things/1", 200, with(json, "Link", "x"), "{\"id\": 1}", "link"),
        Arguments.of("another media type", "/things/all", 200, without(json), "{}", "text/csv"));
  }

  private static Map<String, String> without(Map<String, String> headers) {
    return Map.of("Content-Type", headers.getOrDefault("Content-Type", ""));
  }

  private static Map<String, String> with(Map<String, String> headers, String name, String value) {
    var more = new HashMap<>(headers);
    more.put(name, value);
    return more;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  void faultFailsTheTest(
      String name, String path, int code, Map<String, String> sent, String text, String told) {
    status = code;
    headers = sent;
    body = text;
    assertThatThrownBy(() -> http.get(path))
        .as(name)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(told);
  }

  @Test
  void eventsAreChecked() {
    headers = Map.of("Content-Type", "text/event-stream");
    body = "id: 1\nevent: made\ndata: {\"id\": 1}\n\n";
    assertThat(http.events("/things/1", 0)).hasSize(1);
    body = "id: 1\nevent: made\ndata: {}\n\n";
    assertThatThrownBy(() -> http.events("/things/1", 0))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("required property 'id'");
    body = "id: 1\nevent: lost\ndata: {\"id\": 1}\n\n";
    assertThatThrownBy(() -> http.events("/things/1", 0))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("not documented");
  }
}
