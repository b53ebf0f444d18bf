package io.trainyard.attack;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.trainyard.Http;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One HTTP request of an attack, which need not be a valid one.
 *
 * @param name what it tries
 * @param headers without Host, Content-Length and Connection
 * @param limited whether its answer must come within the limit of the suite
 */
record Request(
    String name,
    String method,
    String target,
    Map<String, String> headers,
    Body body,
    boolean limited) {
  private static final int MAX_SHOWN = 600;

  /** Writes a body, which may be larger than memory. */
  @FunctionalInterface
  interface Body {
    void writeTo(OutputStream out) throws IOException;

    /** The number of bytes, or -1: then it is sent in chunks. */
    default int length() {
      return -1;
    }

    static Body of(byte[] bytes) {
      return new Whole(bytes);
    }

    static Body of(String text) {
      return of(Http.utf8(text));
    }

    /** A head, a text that is repeated with a separator, and a tail. */
    static Body repeated(String head, String text, String separator, int times, String tail) {
      byte[] first = Http.utf8(text);
      byte[] next = Http.utf8(separator + text);
      return out -> {
        out.write(Http.utf8(head));
        for (int i = 0; i < times; i++) {
          out.write(i == 0 ? first : next);
        }
        out.write(Http.utf8(tail));
      };
    }
  }

  /** A body in memory. */
  @SuppressWarnings("ArrayRecordComponent")
  record Whole(byte[] bytes) implements Body {
    @Override
    public void writeTo(OutputStream out) throws IOException {
      out.write(bytes);
    }

    @Override
    public int length() {
      return bytes.length;
    }
  }

  static Request get(String name, String target) {
    return new Request(name, "GET", target, Map.of(), Body.of(new byte[0]), true);
  }

  static Request json(String name, String target, String body) {
    return json(name, target, Body.of(body));
  }

  static Request json(String name, String target, Body body) {
    return new Request(name, "POST", target, contentType("application/json"), body, true);
  }

  /** An upload: its rows are read before it is answered, so it may take longer. */
  static Request upload(String name, String target, String type, Body body) {
    return new Request(name, "POST", target, contentType(type), body, false);
  }

  Request withHeader(String header, String content) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, content);
    return new Request(name, method, target, more, body, limited);
  }

  private static Map<String, String> contentType(String type) {
    return Map.of("Content-Type", type);
  }

  /** Whether it asks for a stream that ends with its job. */
  boolean isStream() {
    return target.toLowerCase(Locale.ROOT).contains("/events");
  }

  @Override
  public String toString() {
    String shown = body instanceof Whole whole ? new String(whole.bytes(), UTF_8) : "";
    return "%s: %s %s %s %s"
        .formatted(name, method, shortened(target, 120), headers, shortened(shown, MAX_SHOWN));
  }

  static String shortened(String text, int length) {
    return text.length() > length ? text.substring(0, length) + "…" : text;
  }
}
