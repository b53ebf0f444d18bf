package io.trainyard.scenario;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** A multipart/form-data body. */
final class Multipart {
  private static final String BOUNDARY = "----trainyard-form-boundary";

  private final ByteArrayOutputStream parts = new ByteArrayOutputStream();

  Multipart json(String name, String json) {
    return part(name, "", "application/json", json.getBytes(StandardCharsets.UTF_8));
  }

  Multipart file(String name, String contentType, byte[] bytes) {
    return part(name, "; filename=\"" + name + "\"", contentType, bytes);
  }

  private Multipart part(String name, String file, String contentType, byte[] bytes) {
    parts.writeBytes(
        ("--"
                + BOUNDARY
                + "\r\nContent-Disposition: form-data; name=\""
                + name
                + "\""
                + file
                + "\r\nContent-Type: "
                + contentType
                + "\r\n\r\n")
            .getBytes(StandardCharsets.UTF_8));
    parts.writeBytes(bytes);
    parts.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
    return this;
  }

  String contentType() {
    return "multipart/form-data; boundary=" + BOUNDARY;
  }

  byte[] bytes() {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(parts.toByteArray());
    whole.writeBytes(("--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8));
    return whole.toByteArray();
  }
}
