package io.trainyard.operations;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.trainyard.Http;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/**
 * Receives traces by OTLP over HTTP, read field by field. Source:
 * https://github.com/open-telemetry/opentelemetry-proto, trace.proto.
 */
final class Collector implements AutoCloseable {
  private final HttpServer server;
  private final List<Received> spans = new CopyOnWriteArrayList<>();

  /**
   * A span.
   *
   * @param kind 1: internal, 2: server, 5: consumer
   * @param links the span ids that it is linked to
   */
  record Received(
      String trace,
      String id,
      String parent,
      String name,
      long kind,
      long start,
      long end,
      Map<String, String> attributes,
      List<String> links,
      boolean failed) {}

  Collector() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/v1/traces", this::receive);
    server.start();
  }

  String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1/traces";
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      UnknownFieldSet request = UnknownFieldSet.parseFrom(exchange.getRequestBody());
      for (UnknownFieldSet resource : messages(request, 1)) {
        for (UnknownFieldSet scope : messages(resource, 2)) {
          for (UnknownFieldSet span : messages(scope, 2)) {
            spans.add(span(span));
          }
        }
      }
      exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
      exchange.sendResponseHeaders(200, -1);
    }
  }

  private static List<UnknownFieldSet> messages(UnknownFieldSet in, int field) throws IOException {
    List<UnknownFieldSet> messages = new ArrayList<>();
    for (ByteString bytes : in.getField(field).getLengthDelimitedList()) {
      messages.add(UnknownFieldSet.parseFrom(bytes));
    }
    return messages;
  }

  private static Received span(UnknownFieldSet span) throws IOException {
    Map<String, String> attributes = new TreeMap<>();
    for (UnknownFieldSet attribute : messages(span, 9)) {
      attributes.put(text(attribute, 1), text(messages(attribute, 2).getFirst(), 1));
    }
    List<String> links = new ArrayList<>();
    for (UnknownFieldSet link : messages(span, 13)) {
      links.add(hex(link, 2));
    }
    boolean failed = false;
    for (UnknownFieldSet status : messages(span, 15)) {
      failed |= status.getField(3).getVarintList().contains(2L);
    }
    return new Received(
        hex(span, 1),
        hex(span, 2),
        hex(span, 4),
        text(span, 5),
        span.getField(6).getVarintList().getFirst(),
        span.getField(7).getFixed64List().getFirst(),
        span.getField(8).getFixed64List().getFirst(),
        attributes,
        links,
        failed);
  }

  private static String text(UnknownFieldSet in, int field) {
    return in.getField(field).getLengthDelimitedList().getFirst().toStringUtf8();
  }

  private static String hex(UnknownFieldSet in, int field) {
    List<ByteString> found = in.getField(field).getLengthDelimitedList();
    return found.isEmpty() ? "" : HexFormat.of().formatHex(found.getFirst().toByteArray());
  }

  /** The spans of a trace, once there is one that the test waits for. */
  List<Received> await(String trace, Predicate<Received> last) {
    while (true) {
      List<Received> found = spans.stream().filter(span -> span.trace().equals(trace)).toList();
      if (found.stream().anyMatch(last)) {
        return found;
      }
      Http.pause(Duration.ofMillis(20));
    }
  }

  boolean has(String trace) {
    return spans.stream().anyMatch(span -> span.trace().equals(trace));
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
