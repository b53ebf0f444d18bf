package io.trainyard.attack;

import io.trainyard.Http;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;

/**
 * One HTTP request of an attack, which need not be a valid one.
 *
 * @param name what it tries
 * @param headers lines without Host, Content-Length and Connection
 * @param limited whether its answer must come within the limit of the suite
 */
record Request(
    String name, String method, String target, String headers, Body body, boolean limited) {

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
    return new Request(name, "GET", target, "", Body.of(new byte[0]), true);
  }

  static Request json(String name, String target, String body) {
    return json(name, target, Body.of(body));
  }

  static Request json(String name, String target, Body body) {
    return new Request(name, "POST", target, "Content-Type: application/json\r\n", body, true);
  }

  /** An upload: its rows are read before it is answered, so it may take longer. */
  static Request upload(String name, String target, String type, Body body) {
    return new Request(name, "POST", target, contentType(type), body, false);
  }

  Request withHeader(String header, String content) {
    return new Request(
        name, method, target, headers + header + ": " + content + "\r\n", body, limited);
  }

  private static String contentType(String type) {
    return "Content-Type: %s\r\n".formatted(type);
  }

  /** Whether it asks for a stream that ends with its job. */
  boolean isStream() {
    return target.toLowerCase(Locale.ROOT).contains("/events");
  }

  @Override
  public String toString() {
    return name + ": " + method + " " + target.substring(0, Math.min(120, target.length()));
  }
}
