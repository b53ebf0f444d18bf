package io.trainyard.attack;

import io.trainyard.Http;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A request as it goes over the wire. It need not be valid.
 *
 * @param target path and query
 * @param headers without Host and Content-Length
 */
@SuppressWarnings("ArrayRecordComponent")
public record WireRequest(String method, String target, Map<String, String> headers, byte[] body) {
  private static final int MAX_SHOWN = 600;

  /** An answer: headers by their name in lower case. */
  public record Answer(int status, Map<String, List<String>> headers, String body) {
    public String header(String name) {
      return String.join(",", headers.getOrDefault(name, List.of()));
    }
  }

  /** Sends it on its own connection and reads the answer to its end. */
  public Answer send(Http http) throws IOException {
    StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\n");
    head.append("Host: localhost\r\nConnection: close\r\n");
    headers.forEach((name, text) -> head.append(name).append(": ").append(text).append("\r\n"));
    if (body.length > 0 || !method.equals("GET")) {
      head.append("Content-Length: ").append(body.length).append("\r\n");
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
    bytes.writeBytes(body);
    try (Socket socket = http.open("")) {
      socket.getOutputStream().write(bytes.toByteArray());
      socket.getOutputStream().flush();
      return parse(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private static Answer parse(String wire) throws IOException {
    int end = wire.indexOf("\r\n\r\n");
    if (end < 0 || !wire.startsWith("HTTP/1.1 ")) {
      throw new IOException("no answer: '" + wire + "'");
    }
    Map<String, List<String>> headers = new LinkedHashMap<>();
    String[] lines = wire.substring(0, end).split("\r\n", -1);
    for (int i = 1; i < lines.length; i++) {
      String[] parts = lines[i].split(":", 2);
      headers
          .computeIfAbsent(parts[0].toLowerCase(Locale.ROOT), name -> new ArrayList<>())
          .add(parts.length > 1 ? parts[1].strip() : "");
    }
    return new Answer(
        Integer.parseInt(lines[0].substring(9, 12)), headers, wire.substring(end + 4));
  }

  @Override
  public String toString() {
    String text = new String(body, StandardCharsets.UTF_8);
    String shown = text.length() > MAX_SHOWN ? text.substring(0, MAX_SHOWN) + "…" : text;
    String where = target.length() > MAX_SHOWN ? target.substring(0, MAX_SHOWN) + "…" : target;
    return method + " " + where + " " + headers + " " + shown;
  }
}
